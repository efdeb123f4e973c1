namespace Emulator.Flash.Rotating;

/// <summary>
/// Seek time over the distance as a fraction of the full stroke: a start, a part that grows with the root of the
/// distance (the arm accelerates and brakes) and one that grows with the distance (it moves at its highest speed). In
/// nanoseconds.
/// </summary>
internal readonly record struct SeekCurve(double Start, double Root, double Linear)
{
    /// <summary>
    /// The curve through the times of a neighbouring track, a third of the stroke and the full stroke.
    /// </summary>
    public static SeekCurve Through(RotatingDiskOptions options)
    {
        double start = options.TrackToTrackSeek.Nanoseconds;
        double average = options.AverageSeek.Nanoseconds - start;
        double full = options.FullStrokeSeek.Nanoseconds - start;
        double root = (average - (full / 3)) / (Math.Sqrt(1.0 / 3) - (1.0 / 3));
        return new SeekCurve(start, root, full - root);
    }

    public long At(double fraction) =>
        fraction <= 0 ? 0 : (long)(Start + (Root * Math.Sqrt(fraction)) + (Linear * fraction));
}
