namespace Emulator.Migration;

/// <summary>What one request asks of a medium.</summary>
/// <param name="Busy">Seconds for which the medium has no time for others.</param>
/// <param name="Latency">Seconds until the request is completed if there are no others.</param>
/// <param name="Behind">
/// Share of such requests that complete whether or not the medium has time: a write cache takes them, or the drive has read
/// ahead.
/// </param>
internal readonly record struct MediumDemand(double Busy, double Latency, double Behind)
{
    /// <param name="runs">Pieces that are at some distance from one another.</param>
    /// <param name="sequential">Share of such requests that begin where the one before them ended.</param>
    /// <param name="disturbed">Share of these before which others of another stream were served.</param>
    public static MediumDemand Of(MediumTraits medium, bool isRead, double bytes, double runs, double sequential, double disturbed)
    {
        (double bandwidth, double iops, double lone) = isRead
            ? (medium.ReadBytesPerSecond, medium.ReadIops, medium.ReadSeconds)
            : (medium.WriteBytesPerSecond, medium.WriteIops, medium.WriteSeconds);
        double parallel = Math.Max(1, iops * lone);
        bool isBehind = !isRead && iops * lone < 0.5;
        if (!medium.HasArm)
        {
            double transfer = Math.Max(0, bytes - MediumTraits.SmallBytes) * SecondsOfByte(bandwidth, lone, isBehind);
            return OfChips(transfer, 1 / iops, lone, runs, parallel, isBehind);
        }

        double followsOn = sequential * (1 - disturbed);
        MediumDemand demand = OfDisk(bytes / bandwidth, 1 / iops, lone, 1 - followsOn + runs - 1, isBehind);
        return demand with { Behind = isBehind ? 1 : isRead ? followsOn : 0 };
    }

    public static MediumDemand operator *(double factor, in MediumDemand demand) =>
        new(factor * demand.Busy, factor * demand.Latency, demand.Behind);

    /// <param name="moves">How often the arm moves for it.</param>
    private static MediumDemand OfDisk(double transfer, double move, double lone, double moves, bool isBehind)
    {
        double busy = transfer + (moves * move);
        return new MediumDemand(busy, isBehind ? lone : Math.Max(busy, transfer + (moves * lone)), 0);
    }

    /// <param name="more">What it takes beyond a small request.</param>
    private static MediumDemand OfChips(double more, double small, double lone, double runs, double parallel, bool isBehind)
    {
        if (isBehind)
            return new MediumDemand((runs * small) + more, lone, 1);
        double latency = lone + more + ((runs - 1) * small);
        return new MediumDemand(latency / parallel, latency, 0);
    }

    /// <summary>The bandwidth was found with large requests, of which each took what a small one takes, too.</summary>
    private static double SecondsOfByte(double bandwidth, double lone, bool isBehind) => isBehind
        ? 1 / bandwidth
        : Math.Max(0, (MediumTraits.LargeBytes / bandwidth) - lone) / (MediumTraits.LargeBytes - MediumTraits.SmallBytes);
}
