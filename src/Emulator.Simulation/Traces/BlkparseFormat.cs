using System.Buffers.Text;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>
/// Text of blkparse in its default format: device, processor, sequence, seconds, process, action, RWBS, sector + sectors,
/// [command]. Of all actions one is taken, requests that were queued (Q) or issued to the driver (D).
/// </summary>
/// <param name="action">The action that is taken.</param>
internal sealed class BlkparseFormat(byte action) : TraceFormat
{
    public const byte Queued = (byte)'Q';
    public const byte Issued = (byte)'D';

    public override string Name => action == Queued ? "blkparse-q" : "blkparse-d";

    public override TraceLine Read(ReadOnlySpan<byte> line, out TraceRecord record)
    {
        record = default;
        if (line.StartsWith("CPU"u8) || line.StartsWith("Total"u8))
            return TraceLine.End;

        var fields = new FieldReader(line, ' ');
        CheckDevice(fields.Next("device"));
        fields.NextNumber("processor");
        fields.NextNumber("sequence");
        record.Nanoseconds = Time(fields.Next("time"));
        fields.Next("process");
        ReadOnlySpan<byte> what = fields.Next("action");
        if (what.Length != 1 || what[0] != action)
            return TraceLine.Other;

        ReadOnlySpan<byte> flags = fields.Next("RWBS field");
        bool hasData = ReadFlags(flags, ref record);
        if (fields.IsAtEnd)
            return Dataless(hasData, ref record);
        ReadOnlySpan<byte> sector = fields.Next("sector");
        if (sector[0] == (byte)'[')
            return Dataless(hasData, ref record);
        record.Offset = Bytes(Number(sector, "sector"));
        ReadOnlySpan<byte> plus = fields.Next("+");
        if (plus.SequenceEqual("("u8) || sector.StartsWith("("u8))
            return TraceLine.Other;
        if (!plus.SequenceEqual("+"u8))
            throw FieldReader.Wrong(plus, "field after the sector", "+");
        record.Length = Bytes(fields.NextNumber("number of sectors"));
        return record.Length == 0 ? Dataless(hasData, ref record)
            : hasData ? TraceLine.Request
            : TraceLine.Other;
    }

    private static void CheckDevice(ReadOnlySpan<byte> device)
    {
        int comma = device.IndexOf((byte)',');
        if (comma < 1 || comma == device.Length - 1 || device[..comma].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || device[(comma + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            throw FieldReader.Wrong(device, "device", "major and minor number such as 8,0");
    }

    /// <summary>
    /// RWBS: F in front is a flush before; then R, W, D for discard, or N for none; F behind is force unit access; A, S and M
    /// (read ahead, synchronous, metadata) mean nothing to the drive.
    /// </summary>
    /// <returns>Whether the request has an address.</returns>
    private static bool ReadFlags(ReadOnlySpan<byte> flags, ref TraceRecord record)
    {
        ReadOnlySpan<byte> all = flags;
        if (flags[0] == (byte)'F')
        {
            record.FlushBefore = true;
            flags = flags[1..];
        }

        byte kind = flags.IsEmpty ? (byte)'N' : flags[0];
        record.ForceUnitAccess = flags.Length > 1 && kind == (byte)'W' && flags[1..].Contains((byte)'F');
        switch (kind)
        {
            case (byte)'R':
                record.Kind = RequestKind.Read;
                return true;
            case (byte)'W':
                record.Kind = RequestKind.Write;
                return true;
            case (byte)'D':
                record.Kind = RequestKind.Trim;
                return true;
            case (byte)'N' or (byte)'F':
                return false;
            default:
                throw FieldReader.Wrong(all, "RWBS field", "made of F, R, W, D, N and what follows them");
        }
    }

    /// <summary>A flush if it says so, or nothing for the drive; but a read, write or discard has an address.</summary>
    private static TraceLine Dataless(bool hasData, ref TraceRecord record)
    {
        if (!record.FlushBefore)
            return hasData ? throw new FormatException("ends before the sector") : TraceLine.Other;
        record.FlushBefore = false;
        record.ForceUnitAccess = false;
        record.Kind = RequestKind.Flush;
        record.Offset = record.Length = 0;
        return TraceLine.Request;
    }

    private static long Number(ReadOnlySpan<byte> field, string name) =>
        Utf8Parser.TryParse(field, out long value, out int used) && used == field.Length && value >= 0
            ? value
            : throw FieldReader.Wrong(field, name, "a whole number");

    /// <summary>Seconds with nine decimals.</summary>
    private static long Time(ReadOnlySpan<byte> field)
    {
        int point = field.IndexOf((byte)'.');
        if (point < 1 || field.Length - point - 1 != 9
            || !Utf8Parser.TryParse(field[..point], out long seconds, out int used) || used != point || seconds is < 0 or > 1_000_000_000
            || !Utf8Parser.TryParse(field[(point + 1)..], out uint fraction, out used) || used != 9)
            throw FieldReader.Wrong(field, "time", "in seconds with nine decimals");
        return (seconds * 1_000_000_000) + fraction;
    }
}
