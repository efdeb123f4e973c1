using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Submission queue entries of the commands that tools and tests send. CID and SGL are the queue's.</summary>
public static class HostCommands
{
    public static SubmissionEntry Read(uint nsid, ulong startLba, int blocks) =>
        Io(IoOpcode.Read, nsid, startLba, blocks);

    public static SubmissionEntry Write(uint nsid, ulong startLba, int blocks) =>
        Io(IoOpcode.Write, nsid, startLba, blocks);

    /// <summary>Any command with a start in dwords 10 and 11 and a number of blocks in dword 12.</summary>
    /// <param name="blocks">1 to 65536.</param>
    public static SubmissionEntry Io(IoOpcode opcode, uint nsid, ulong startLba, int blocks) => new()
    {
        Opcode = (byte)opcode,
        Nsid = nsid,
        Cdw10And11 = startLba,
        Cdw12 = (ushort)(blocks - 1),
    };

    public static SubmissionEntry Flush(uint nsid) => new() { Opcode = (byte)IoOpcode.Flush, Nsid = nsid };

    /// <summary>Dataset Management with Deallocate; the data are the ranges.</summary>
    public static SubmissionEntry Deallocate(uint nsid, int ranges) => new()
    {
        Opcode = (byte)IoOpcode.DatasetManagement,
        Nsid = nsid,
        Cdw10 = (uint)(ranges - 1),
        Cdw11 = 1 << 2,
    };

    public static SubmissionEntry Identify(IdentifyCns cns, uint nsid = 0) => new()
    {
        Opcode = (byte)AdminOpcode.Identify,
        Nsid = nsid,
        Cdw10 = (byte)cns,
    };

    public static SubmissionEntry GetLogPage(LogPageId page, int bytes, ulong offset = 0, uint nsid = 0)
    {
        uint dwords = (uint)(bytes / sizeof(uint)) - 1;
        return new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.GetLogPage,
            Nsid = nsid,
            Cdw10 = (byte)page | (dwords << 16),
            Cdw11 = dwords >> 16,
            Cdw12And13 = offset,
        };
    }

    public static SubmissionEntry GetFeatures(FeatureId feature) => new()
    {
        Opcode = (byte)AdminOpcode.GetFeatures,
        Cdw10 = (byte)feature,
    };

    public static SubmissionEntry SetFeatures(FeatureId feature, uint value) => new()
    {
        Opcode = (byte)AdminOpcode.SetFeatures,
        Cdw10 = (byte)feature,
        Cdw11 = value,
    };

    public static SubmissionEntry Abort(ushort queueId, ushort commandId) => new()
    {
        Opcode = (byte)AdminOpcode.Abort,
        Cdw10 = queueId | ((uint)commandId << 16),
    };

    public static SubmissionEntry AsynchronousEventRequest() => new()
    {
        Opcode = (byte)AdminOpcode.AsynchronousEventRequest,
    };

    public static SubmissionEntry KeepAlive() => new() { Opcode = (byte)AdminOpcode.KeepAlive };

    public static SubmissionEntry Disconnect()
    {
        var command = new DisconnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Disconnect,
        };
        return WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command));
    }

    /// <param name="wide">A property of 8 bytes rather than 4.</param>
    public static SubmissionEntry PropertyGet(uint offset, bool wide = false)
    {
        var command = new PropertyGetCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.PropertyGet,
            Attrib = (byte)(wide ? 1 : 0),
            Ofst = offset,
        };
        return WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command));
    }

    public static SubmissionEntry PropertySet(uint offset, ulong value, bool wide = false)
    {
        var command = new PropertySetCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.PropertySet,
            Attrib = (byte)(wide ? 1 : 0),
            Ofst = offset,
            Value = value,
        };
        return WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command));
    }
}
