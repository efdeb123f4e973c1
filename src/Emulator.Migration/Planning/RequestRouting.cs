namespace Emulator.Migration;

/// <summary>
/// Where the requests of a VM go at one moment of a migration, as shares of its reads and of its writes. Shares of writes
/// add up to more than 1 if some go to both sides.
/// </summary>
/// <param name="CompletesOnFirst">A write to both sides is complete when one of them has it.</param>
internal readonly record struct RequestRouting(
    double ReadsAtSource, double ReadsAtDestination, double WritesAtSource, double WritesAtDestination, bool CompletesOnFirst = false)
{
    public static readonly RequestRouting Source = new(1, 0, 1, 0);

    public static readonly RequestRouting Destination = new(0, 1, 0, 1);

    public double WritesAtBoth => Math.Max(0, WritesAtSource + WritesAtDestination - 1);

    /// <param name="copied">Share of the requests to blocks in the copied region.</param>
    /// <param name="writtenReads">Share of the reads to blocks that the VM wrote at the destination.</param>
    public static RequestRouting Of(SchemeKind kind, double copied, double writtenReads) => kind switch
    {
        SchemeKind.Mirroring => new(1, 0, 1, copied),
        SchemeKind.AsynchronousMirroring => new(1, 0, 1, copied, CompletesOnFirst: true),
        SchemeKind.LowRedundancy => new((1 - copied) * (1 - writtenReads), copied + ((1 - copied) * writtenReads), 0, 1),
        SchemeKind.SourceLowRedundancy => new(1 - (copied * writtenReads), copied * writtenReads, 1 - copied, copied),
        SchemeKind.ReferenceAtDestination => Destination,
        _ => Source,
    };
}
