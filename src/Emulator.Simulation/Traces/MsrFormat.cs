using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>
/// MSR Cambridge (SNIA IOTTA): Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime. Times are counts of 100 ns,
/// offset and size are in bytes; the response time is that of the disk that was traced and is not used.
/// </summary>
internal sealed class MsrFormat : TraceFormat
{
    private const int TickNanoseconds = 100;

    /// <summary>Timestamps of Windows count from the year 1601; only differences matter.</summary>
    private const long Origin = 116_444_736_000_000_000;

    public override string Name => "msr";

    public override TraceLine Read(ReadOnlySpan<byte> line, out TraceRecord record)
    {
        record = default;
        if (line.StartsWith("Timestamp,"u8))
            return TraceLine.Other;

        var fields = new FieldReader(line, ',');
        record.Nanoseconds = Ticks(fields.NextNumber("timestamp"));
        fields.Next("host name");
        fields.NextNumber("disk number");
        record.Kind = Kind(fields.Next("type"));
        record.Offset = fields.NextNumber("offset");
        record.Length = fields.NextNumber("size");
        fields.NextNumber("response time");
        if (!fields.IsAtEnd)
            throw new FormatException("has more than 7 fields");
        return record.Length > 0 ? TraceLine.Request : throw new FormatException("size is 0");
    }

    private static long Ticks(long timestamp)
    {
        long ticks = timestamp >= Origin ? timestamp - Origin : timestamp;
        return ticks <= long.MaxValue / TickNanoseconds
            ? ticks * TickNanoseconds
            : throw new FormatException($"timestamp {timestamp} is beyond what can be counted");
    }

    private static RequestKind Kind(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("Read"u8) ? RequestKind.Read
        : type.SequenceEqual("Write"u8) ? RequestKind.Write
        : throw FieldReader.Wrong(type, "type", "Read or Write");
}
