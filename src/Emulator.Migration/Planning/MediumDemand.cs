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
        double parallel = iops * lone;
        double transfer = bytes / bandwidth;
        double follows = sequential * (1 - disturbed);
        double ahead = isRead ? follows : 0;
        if (medium.IsSsd && parallel >= 1)
        {
            double more = lone + Math.Max(0, transfer - (MediumTraits.SmallBytes / bandwidth));
            double latency = (follows * transfer) + ((1 - follows) * more) + ((runs - 1) / iops);
            return new MediumDemand(latency / parallel, latency, 0);
        }

        double moves = 1 - follows + runs - 1;
        double busy = transfer + (moves / iops);
        return parallel >= 1
            ? new MediumDemand(busy, Math.Max(busy, transfer + (moves * lone)), ahead)
            : new MediumDemand(busy, lone, 1);
    }

    public static MediumDemand operator *(double factor, in MediumDemand demand) =>
        new(factor * demand.Busy, factor * demand.Latency, demand.Behind);
}
