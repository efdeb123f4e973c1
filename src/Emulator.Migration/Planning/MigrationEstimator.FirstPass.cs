namespace Emulator.Migration;

/// <summary>The first pass, in steps in each of which the VM's requests go the same ways.</summary>
public sealed partial class MigrationEstimator
{
    /// <summary>Steps of the first pass in the working set; half as many in all of an image elsewhere.</summary>
    private const int Steps = 5;

    /// <summary>From nothing that is pending to the threshold.</summary>
    private const int PendingLevels = 5;

    /// <summary>Where steps of the first pass end: none is partly in the working set.</summary>
    /// <param name="span">Share of the image that is copied.</param>
    private List<double> EdgesOf(double span)
    {
        double start = Math.Min(span, Workload.WorkingSetStart ?? 0);
        double end = Math.Min(span, Workload.WorkingSetStart == null ? span : start + Workload.WorkingSetShare);
        var edges = new List<double>();
        Cut(0, start, (int)Math.Ceiling(start * Steps / 2), edges);
        Cut(start, end, Steps, edges);
        Cut(end, span, (int)Math.Ceiling((span - end) * Steps / 2), edges);
        return edges;
    }

    private static void Cut(double start, double end, int steps, List<double> edges)
    {
        for (int step = 1; step <= steps && end > start; step++)
            edges.Add(start + ((end - start) * step / steps));
    }

    /// <param name="at">How far the copy is, as a share of the image.</param>
    private void CopyStep(SchemeKind kind, double at, double share, ref Progress pass)
    {
        if (pass.Seconds == 0)
        {
            double none = 0;
            pass.CountingRate = StepAt(kind, at, share, _coverage.After(0), ref none).CountingRate;
        }

        double counting = pass.WritesThatCount + (pass.CountingRate * share / 2);
        CopyRates step = StepAt(kind, at, share, _coverage.After(counting), ref pass.Pending);
        pass.CountingRate = step.CountingRate;
        pass.WritesThatCount += step.CountingRate * share;
        pass.Seconds += step.Seconds;
        pass.Requests += step.Requests;
        pass.Writes += step.Writes;
        pass.ToSource += step.Writes * step.Routing.WritesAtSource;
        pass.ToDestination += step.Writes * step.Routing.WritesAtDestination;
        double bytes = share * _task.ImageBytes;
        pass.BytesRead += bytes;
        pass.BytesCopied += bytes * (1 - step.Skipped);
        pass.BytesSkipped += bytes * step.Skipped;
    }

    private CopyRates StepAt(SchemeKind kind, double at, double share, (double Blocks, double Requests) written, ref double pending)
    {
        double copied = CopiedShare(at);
        RequestRouting routing = RequestRouting.Of(kind, copied, written.Requests);
        double skipped = kind == SchemeKind.LowRedundancy ? written.Blocks * DensityAt(at) : 0;
        (double seconds, double requests) = Copy(routing, Scattered(1 - skipped), share, ref pending);
        double writes = requests * Workload.WriteShare;
        double counting = kind == SchemeKind.SourceLowRedundancy ? writes * copied : writes;
        return new CopyRates(routing, skipped, seconds, requests, writes, counting / share);
    }

    /// <summary>
    /// Copies a share of the image. A side that gets more than it can do falls behind by and by: until it is at the threshold
    /// that goes from level to level, each with rates of its own.
    /// </summary>
    /// <returns>Seconds, and requests of the VM in these.</returns>
    private (double Seconds, double Requests) Copy(in RequestRouting routing, in CopyTask copy, double share, ref double pending)
    {
        double seconds = 0, requests = 0;
        int threshold = _task.Scheme.PendingThreshold;
        while (true)
        {
            _media.Solve(routing, copy, pending, threshold);
            double rate = _media.CopyRate * _copy.ReadBytes / _task.ImageBytes;
            double next = Math.Min(threshold, pending + Math.Max(1.0, (double)threshold / PendingLevels));
            double climb = pending < threshold && _media.PendingGrowth > 0 ? (next - pending) / _media.PendingGrowth : double.PositiveInfinity;
            double time = Math.Min(climb, share / rate);
            seconds += time;
            requests += time * _media.GuestRate;
            share -= time * rate;
            if (climb > time || share <= 0)
            {
                pending = Math.Min(threshold, pending + (_media.PendingGrowth * time));
                return (seconds, requests);
            }

            pending = next;
        }
    }

    /// <summary>A command of the copy that leaves out blocks here and there.</summary>
    /// <param name="share">Of the blocks: those that it writes.</param>
    private CopyTask Scattered(double share)
    {
        double blocks = _copy.ReadBytes / Workload.RequestBytes * (1 - Workload.SequentialShare);
        return _copy with
        {
            WriteBytes = Math.Max(MediumTraits.SmallBytes, _copy.ReadBytes * share),
            Runs = 1 + (Math.Max(0, blocks - 1) * share * (1 - share)),
        };
    }

    /// <summary>Share of the requests to what lies before a point of the image.</summary>
    private double CopiedShare(double at) => Workload.WorkingSetStart is { } start
        ? Math.Clamp((at - start) / Workload.WorkingSetShare, 0, 1)
        : at;

    /// <summary>Share of the blocks at a point of the image that belong to the working set.</summary>
    private double DensityAt(double at) => Workload.WorkingSetStart is { } start
        ? (at >= start && at <= start + Workload.WorkingSetShare ? 1 : 0)
        : Workload.WorkingSetShare;

    /// <summary>What happens in a step.</summary>
    /// <param name="Skipped">Share of its bytes that is not copied.</param>
    /// <param name="CountingRate">Writes that make a block newer at one side, for all of an image.</param>
    private readonly record struct CopyRates(
        RequestRouting Routing, double Skipped, double Seconds, double Requests, double Writes, double CountingRate);
}
