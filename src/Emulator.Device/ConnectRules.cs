using System.Buffers.Binary;
using System.Text;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What holds for a Connect command whatever it connects to (Base 2.1, 6.3).</summary>
internal static class ConnectRules
{
    public const int QidOffset = 42;
    public const int SqsizeOffset = 44;
    public const int CattrOffset = 46;

    /// <summary>Offset of CNTLID in the data.</summary>
    public const int CntlidOffset = 16;

    /// <summary>Offset of HOSTNQN in the data.</summary>
    public const int HostnqnOffset = 512;

    /// <summary>The largest admin queue, in entries.</summary>
    public const int AdminQueueEntries = 256;

    /// <summary>The refusal that a malformed command deserves; null when nothing is wrong with it.</summary>
    public static ConnectOutcome? Problem(in ConnectCommand command, in ConnectData data, int maxQueueEntries)
    {
        if (command.Recfmt != 0)
            return ConnectOutcome.Refused(Status.ConnectIncompatibleFormat.WithDoNotRetry());
        int largest = command.Qid == 0 ? AdminQueueEntries : maxQueueEntries;
        if (command.Sqsize == 0 || command.Sqsize >= largest)
            return ConnectOutcome.InvalidParameter(SqsizeOffset, inData: false);
        if (((ConnectAttributes)command.Cattr & ConnectAttributes.ReservedMask) != 0)
            return ConnectOutcome.InvalidParameter(CattrOffset, inData: false);
        return IsName(data.Hostnqn) ? null : ConnectOutcome.InvalidParameter(HostnqnOffset, inData: true);
    }

    /// <summary>
    /// A name has a zero behind it. It may be empty: SPDK's tools connect without one, and are hosts of no name.
    /// </summary>
    private static bool IsName(ReadOnlySpan<byte> field) => field.Contains((byte)0);

    public static bool WantsFlowControl(in ConnectCommand command) =>
        ((ConnectAttributes)command.Cattr & ConnectAttributes.DisableSqFlowControl) == 0;

    public static HostIdentity HostOf(in ConnectData data) =>
        new(
            Encoding.UTF8.GetString(TextField.Terminated(data.Hostnqn)),
            BinaryPrimitives.ReadUInt128LittleEndian(data.Hostid));
}
