namespace Emulator.Simulation.Traces;

/// <summary>How the lines of a trace are written.</summary>
internal abstract class TraceFormat
{
    protected const int SectorBytes = 512;

    public static IReadOnlyList<TraceFormat> All { get; } =
        [new MsrFormat(), new BlkparseFormat(BlkparseFormat.Queued), new BlkparseFormat(BlkparseFormat.Issued), new MqsimFormat()];

    /// <summary>As --format names it.</summary>
    public abstract string Name { get; }

    /// <summary>Reads one line, which is not blank.</summary>
    /// <exception cref="FormatException">The line is wrong; the message says what.</exception>
    public abstract TraceLine Read(ReadOnlySpan<byte> line, out TraceRecord record);

    /// <summary>Bytes of so many sectors.</summary>
    /// <exception cref="FormatException">They are more than can be counted.</exception>
    protected static long Bytes(long sectors) => sectors <= long.MaxValue / SectorBytes
        ? sectors * SectorBytes
        : throw new FormatException($"{sectors} sectors are more than can be counted");
}
