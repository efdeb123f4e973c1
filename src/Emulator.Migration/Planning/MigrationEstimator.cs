using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// Predicts what a migration costs (US 9,195,401, embodiments 12 to 16) from both media, the size of the image and the
/// workload. The first pass is cut into steps; in each the VM's requests go where the scheme sends them at that point of the
/// copy, <see cref="SharedMedia"/> says how fast both are then, and <see cref="WriteCoverage"/> what was written so far.
/// </summary>
public sealed partial class MigrationEstimator
{
    /// <summary>The time to think follows from the rate in so many corrections.</summary>
    private const int ThinkSteps = 3;

    private readonly MigrationTask _task;
    private readonly SharedMedia _media;
    private readonly CopyTask _copy;
    private readonly WriteCoverage _coverage;
    private readonly double _copySeconds;
    private readonly double _atSource;
    private readonly double _atDestination;

    private MigrationEstimator(MigrationTask task)
    {
        _task = task;
        _copy = new CopyTask(task.Scheme.CopyBytes, task.Scheme.CopyBytes, task.Scheme.CopyDepth);
        _coverage = new WriteCoverage(WorkingSetBytes / task.Workload.RequestBytes, task.Workload);
        _media = MediaOf(task);
        _atSource = RateAlone(_media, RequestRouting.Source);
        _atDestination = RateAlone(_media, RequestRouting.Destination);
        _media.Solve(RequestRouting.Source, _copy, isGuestIdle: true);
        _copySeconds = task.ImageBytes / (_media.CopyRate * task.Scheme.CopyBytes);
    }

    /// <summary>What can be chosen from: every scheme, without the runs to compare with.</summary>
    public static IReadOnlyList<SchemeKind> Schemes { get; } =
    [
        SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy,
        SchemeKind.AsynchronousMirroring, SchemeKind.Assist,
    ];

    private WorkloadTraits Workload => _task.Workload;

    private double WorkingSetBytes => _task.ImageBytes * _task.Workload.WorkingSetShare;

    /// <summary>Predicts every scheme.</summary>
    public static MigrationOutlook Predict(MigrationTask task)
    {
        Check.That(task.Problem() == null);
        var estimator = new MigrationEstimator(task);
        return new MigrationOutlook
        {
            IopsAtSource = estimator._atSource,
            IopsAtDestination = estimator._atDestination,
            ThinkSeconds = estimator._media.ThinkSeconds,
            CopySeconds = estimator._copySeconds,
            Forecasts = estimator.PredictAll(),
        };
    }

    /// <summary>Media and VM as they are known: what was measured of the VM corrects what follows from the media.</summary>
    private static SharedMedia MediaOf(MigrationTask task)
    {
        WorkloadTraits workload = task.Workload;
        SharedMedia media = workload is { ThinkSeconds: null, IopsAtSource: { } rate }
            ? ThinkingMedia(task, rate)
            : MediaWith(task, workload.ThinkSeconds ?? 0);
        if (workload.IopsAtSource is { } atSource && !Near(RateAlone(media, RequestRouting.Source), atSource))
            media.SourceFactor = FactorFor(atSource, media, isSource: true);
        if (workload.IopsAtDestination is { } atDestination)
            media.DestinationFactor = FactorFor(atDestination, media, isSource: false);
        return media;
    }

    private static SharedMedia MediaWith(MigrationTask task, double think) =>
        new(task.Source, task.Destination, task.Workload, think, task.ImageBytes * task.Workload.WorkingSetShare);

    /// <summary>
    /// A VM that asks for less than the source can do thinks between its requests, though not for longer than what it does at
    /// the destination leaves it.
    /// </summary>
    private static SharedMedia ThinkingMedia(MigrationTask task, double rate)
    {
        int processes = task.Workload.Outstanding;
        double most = task.Workload.IopsAtDestination is { } atDestination ? processes / atDestination / 2 : double.PositiveInfinity;
        double think = 0;
        SharedMedia media = MediaWith(task, think);
        for (int i = 0; i < ThinkSteps; i++)
        {
            double predicted = RateAlone(media, RequestRouting.Source);
            think = Math.Clamp(think + (processes * ((1 / rate) - (1 / predicted))), 0, most);
            media = MediaWith(task, think);
        }

        return media;
    }

    private static bool Near(double predicted, double measured) => Math.Abs(predicted - measured) <= 0.01 * measured;

    private static double RateAlone(SharedMedia media, in RequestRouting routing)
    {
        media.Clear();
        media.Solve(routing, copy: null);
        return media.GuestRate;
    }

    /// <summary>Finds by halving the factor with which the VM alone is as fast as it was measured to be.</summary>
    private static double FactorFor(double rate, SharedMedia media, bool isSource)
    {
        double low = 1.0 / 64, high = 64;
        for (int i = 0; i < 20; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (isSource)
                media.SourceFactor = middle;
            else
                media.DestinationFactor = middle;
            double predicted = RateAlone(media, isSource ? RequestRouting.Source : RequestRouting.Destination);
            (low, high) = predicted > rate ? (middle, high) : (low, middle);
        }

        return Math.Sqrt(low * high);
    }

    /// <summary>Assist is dirty block tracking of what was ever written, and so the same if that is all.</summary>
    private MigrationForecast[] PredictAll()
    {
        var forecasts = new MigrationForecast[Schemes.Count];
        for (int i = 0; i < forecasts.Length; i++)
        {
            forecasts[i] = Schemes[i] == SchemeKind.Assist && Workload.WrittenShare >= 1
                ? forecasts[0] with { Kind = SchemeKind.Assist }
                : Predict(Schemes[i]);
        }

        return forecasts;
    }

    private MigrationForecast Predict(SchemeKind kind)
    {
        _media.Clear();
        var pass = new Progress();
        double span = kind == SchemeKind.Assist ? Workload.WrittenShare : 1;
        double from = 0;
        foreach (double to in EdgesOf(span))
        {
            CopyStep(kind, (from + to) / 2, to - from, ref pass);
            from = to;
        }

        bool converges = kind is not (SchemeKind.DirtyBlockTracking or SchemeKind.Assist) || Merge(ref pass);
        double wear = WearOf(kind, pass);
        double best = Math.Max(_atSource, _atDestination);
        double iops = pass.Requests / Math.Max(1e-9, pass.Seconds);
        return new MigrationForecast
        {
            Kind = kind,
            Cost = new MigrationCost(Math.Max(0, (best - iops) / best), pass.Seconds / _copySeconds, wear),
            Seconds = pass.Seconds,
            DowntimeSeconds = pass.Downtime,
            Iops = iops,
            BytesRead = pass.BytesRead,
            BytesCopied = pass.BytesCopied + pass.BytesMerged,
            Converges = converges,
        };
    }

    private double WearOf(SchemeKind kind, in Progress pass)
    {
        double written = pass.Writes * Workload.RequestBytes;
        if (written < 1)
            return 0;
        double worn = _task.Source.IsSsd ? pass.ToSource * Workload.RequestBytes : 0;
        if (_task.Destination.IsSsd)
            worn += (pass.ToDestination * Workload.RequestBytes) + pass.BytesMerged - pass.BytesSkipped;
        return Math.Max(0, worn / written);
    }

    /// <summary>Sums over what is behind.</summary>
    private struct Progress
    {
        public double Seconds;
        public double Downtime;
        public double Requests;
        public double Writes;

        /// <summary>Asynchronous mirroring: writes that one side is behind the other.</summary>
        public double Pending;

        /// <summary>Those that make a block newer at one side.</summary>
        public double WritesThatCount;

        /// <summary>Those of the step before for all of an image, of which the next is expected to have as many.</summary>
        public double CountingRate;

        public double ToSource;
        public double ToDestination;
        public double BytesRead;
        public double BytesCopied;
        public double BytesMerged;
        public double BytesSkipped;
    }
}
