using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>
/// MQSim's text: arrival in nanoseconds, device, first sector of 512 bytes, sectors, and 0 for a write or 1 for a read,
/// separated by blanks.
/// </summary>
internal sealed class MqsimFormat : TraceFormat
{
    public override string Name => "mqsim";

    public override TraceLine Read(ReadOnlySpan<byte> line, out TraceRecord record)
    {
        record = default;
        var fields = new FieldReader(line, ' ');
        record.Nanoseconds = fields.NextNumber("arrival time");
        fields.NextNumber("device");
        record.Offset = Bytes(fields.NextNumber("sector"));
        record.Length = Bytes(fields.NextNumber("number of sectors"));
        ReadOnlySpan<byte> type = fields.Next("type");
        record.Kind = type.SequenceEqual("0"u8) ? RequestKind.Write
            : type.SequenceEqual("1"u8) ? RequestKind.Read
            : throw FieldReader.Wrong(type, "type", "0 for a write or 1 for a read");
        if (!fields.IsAtEnd)
            throw new FormatException("has more than 5 fields");
        return record.Length > 0 ? TraceLine.Request : throw new FormatException("number of sectors is 0");
    }
}
