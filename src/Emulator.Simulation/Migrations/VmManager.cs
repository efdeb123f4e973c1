using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Simulation.Migrations;

/// <summary>The hypervisor at one drive: the vendor commands that it gives for its VM.</summary>
internal sealed class VmManager : IQueueEndpoint
{
    private const int StateChunkBytes = 64 << 10;

    private readonly ushort _target;

    /// <param name="target">The VM at this drive.</param>
    public VmManager(Drive drive, string nqn, ushort target)
    {
        Host = new SimulatedHost(drive, this, nqn);
        _target = target;
    }

    public SimulatedHost Host { get; }

    public SimTime SetMigration(SimTime now, VmMigrationFlags flags) => Host.Admin(
        now,
        new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.SetFeatures,
            Cdw10 = (uint)FeatureId.VmMigration,
            Cdw11 = (uint)flags | ((uint)_target << 16),
            Cdw12 = VendorCommandSet.KeepThreshold,
        },
        []);

    /// <summary>Log page D0h.</summary>
    public VmMigrationStatus ReadStatus(SimTime now)
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        ReadLog(now, LogPageId.VmMigrationStatus, page);
        return WireStruct.Read<VmMigrationStatus>(page);
    }

    /// <summary>Log page D8h.</summary>
    public DirectTransferProgress ReadProgress(SimTime now)
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        ReadLog(now, LogPageId.DirectTransferProgress, page);
        return WireStruct.Read<DirectTransferProgress>(page);
    }

    /// <summary>Log page D3h or D4h.</summary>
    /// <param name="actions">ADVANCE, or none.</param>
    public List<ByteRange> ReadRanges(SimTime now, LogPageId page, int actions = 0)
    {
        byte[] header = new byte[RangeListHeader.Size];
        ReadLog(now, page, header, actions);
        byte[] entries = new byte[(long)(ulong)WireStruct.Read<RangeListHeader>(header).Ranges * RangeListEntry.Size];
        if (entries.Length > 0)
            ReadLog(now, page, entries, offset: RangeListHeader.Size);
        var ranges = new List<ByteRange>();
        for (int at = 0; at < entries.Length; at += RangeListEntry.Size)
        {
            RangeListEntry entry = WireStruct.Read<RangeListEntry>(entries.AsSpan(at, RangeListEntry.Size));
            ranges.Add(new ByteRange((long)(ulong)entry.Slba * Host.BlockBytes, (long)(ulong)entry.Blocks * Host.BlockBytes));
        }

        return ranges;
    }

    /// <summary>Log page D1h or D2h.</summary>
    public byte[] ReadState(SimTime now, LogPageId page)
    {
        byte[] header = new byte[StateContainerHeader.Size];
        ReadLog(now, page, header);
        byte[] state = new byte[((long)(ulong)WireStruct.Read<StateContainerHeader>(header).TotalBytes + 3) / 4 * 4];
        ReadLog(now, page, state);
        return state;
    }

    /// <summary>Feature D1h, in chunks.</summary>
    public void SetState(SimTime now, byte[] state, bool isDelta)
    {
        const uint first = 1, last = 2, delta = 8;
        for (int at = 0; at < state.Length; at += StateChunkBytes)
        {
            int length = Math.Min(StateChunkBytes, state.Length - at);
            Host.Admin(
                now,
                new SubmissionEntry
                {
                    Opcode = (byte)AdminOpcode.SetFeatures,
                    Cdw10 = (uint)FeatureId.VmStorageState,
                    Cdw11 = (at == 0 ? first : 0) | (at + length == state.Length ? last | (isDelta ? delta : 0) : 0) | ((uint)_target << 16),
                    Cdw12 = (uint)at / sizeof(uint),
                },
                state.AsSpan(at, length));
        }
    }

    /// <summary>C5h or C8h.</summary>
    public void Command(SimTime now, AdminOpcode opcode, uint cdw10, Span<byte> data) => Host.Admin(
        now, new SubmissionEntry { Opcode = (byte)opcode, Cdw10 = cdw10, Cdw11 = (uint)_target << 16 }, data);

    void IQueueEndpoint.Complete(ushort commandId, in CommandOutcome outcome) => Check.Fail("nothing is left pending");

    void IQueueEndpoint.Close(CloseReason reason) => Check.Fail($"the drive closed a queue of the hypervisor: {reason}");

    private void ReadLog(SimTime now, LogPageId page, byte[] data, int actions = 0, ulong offset = 0)
    {
        uint dwords = (uint)(data.Length / sizeof(uint)) - 1;
        Host.Admin(
            now,
            new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.GetLogPage,
                Cdw10 = (uint)page | ((uint)actions << 8) | (dwords << 16),
                Cdw11 = (dwords >> 16) | ((uint)_target << 16),
                Cdw12And13 = offset,
            },
            data);
    }
}
