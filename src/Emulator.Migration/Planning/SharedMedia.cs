namespace Emulator.Migration;

/// <summary>
/// The VM and the copy as two loops that share two media: what each gets of them. A mean value analysis of a closed network
/// after Schweitzer and Bard, with a medium's parallelism as time beside the queue after Seidmann. Work that is done behind a
/// cache takes time from the others, and is waited for only when there is more of it than the medium can do.
/// </summary>
internal sealed partial class SharedMedia
{
    private const int LeastSteps = 5;
    private const int MostSteps = 300;
    private const double Precise = 1e-3;

    private readonly WorkloadTraits _workload;
    private readonly Station _source;
    private readonly Station _destination;

    /// <param name="think">Seconds that a process of the VM thinks between two requests.</param>
    /// <param name="workingSet">Bytes that the VM touches.</param>
    public SharedMedia(MediumTraits source, MediumTraits destination, WorkloadTraits workload, double think, double workingSet)
    {
        (_workload, ThinkSeconds) = (workload, think);
        _source = new Station(source, workload, workingSet);
        _destination = new Station(destination, workload, workingSet);
    }

    /// <summary>How many times as long a request of the VM takes as the figures of the medium say.</summary>
    public double SourceFactor
    {
        set => _source.Factor = value;
    }

    public double DestinationFactor
    {
        set => _destination.Factor = value;
    }

    public double ThinkSeconds { get; }

    /// <summary>Requests a second of the VM.</summary>
    public double GuestRate { get; private set; }

    /// <summary>Commands a second of the copy.</summary>
    public double CopyRate { get; private set; }

    /// <summary>Forgets what was found before.</summary>
    public void Clear()
    {
        _source.Clear();
        _destination.Clear();
        (GuestRate, CopyRate) = (0, 0);
    }

    /// <summary>Begins where it ended the last time, which is near for another step of the same migration.</summary>
    /// <param name="copy">Null if nothing is copied.</param>
    /// <param name="mostPending">Writes that one side may be behind the other, if that is allowed at all.</param>
    /// <param name="isGuestIdle">Only the copy is there.</param>
    public void Solve(in RequestRouting routing, CopyTask? copy, int mostPending, bool isGuestIdle = false)
    {
        GuestRate = isGuestIdle ? 0 : Math.Max(GuestRate, 1);
        CopyRate = copy == null ? 0 : Math.Max(CopyRate, 1);
        for (int step = 0; step < MostSteps; step++)
        {
            double guests = isGuestIdle ? 0 : NextGuestRate(routing, mostPending);
            double commands = copy == null ? 0 : NextCopyRate(copy.Value, routing);
            bool isSettled = Near(guests, GuestRate) && Near(commands, CopyRate) && step > LeastSteps;
            GuestRate = Damp(GuestRate, guests);
            CopyRate = Damp(CopyRate, commands);
            bool isPriced = _source.SetPrice() & _destination.SetPrice();
            if (isSettled && isPriced)
                return;
        }
    }

    private static bool Near(double next, double last) => Math.Abs(next - last) <= Precise * last;

    private static double Damp(double last, double next) => (0.6 * last) + (0.4 * next);

    private double NextGuestRate(in RequestRouting routing, int mostPending)
    {
        double both = routing.WritesAtBoth;
        double reads = GuestRate * _workload.ReadShare;
        double writes = GuestRate * _workload.WriteShare;
        bool isDestinationLater = routing.CompletesOnFirst && _destination.IsSlowerThan(_source);
        bool isSourceLater = routing.CompletesOnFirst && !isDestinationLater;
        (double readAtSource, double writeAtSource) = _source.Serve(
            reads * routing.ReadsAtSource, writes * routing.WritesAtSource, isSourceLater ? writes * both : 0, CopyRate, mostPending);
        (double readAtDestination, double writeAtDestination) = _destination.Serve(
            reads * routing.ReadsAtDestination, writes * routing.WritesAtDestination, isDestinationLater ? writes * both : 0, CopyRate, mostPending);
        double slower = Math.Max(writeAtSource, writeAtDestination);
        double faster = Math.Min(writeAtSource, writeAtDestination);
        double lead = mostPending / Math.Max(1e-9, writes * both);
        double write = ((routing.WritesAtSource - both) * writeAtSource) + ((routing.WritesAtDestination - both) * writeAtDestination)
            + (both * (routing.CompletesOnFirst ? Math.Max(faster, slower - lead) : slower));
        double read = (routing.ReadsAtSource * readAtSource) + (routing.ReadsAtDestination * readAtDestination);
        return _workload.Outstanding / (ThinkSeconds + (_workload.ReadShare * read) + (_workload.WriteShare * write));
    }

    private double NextCopyRate(in CopyTask copy, in RequestRouting routing)
    {
        double atSource = GuestRate * ((_workload.ReadShare * routing.ReadsAtSource) + (_workload.WriteShare * routing.WritesAtSource));
        double atDestination = GuestRate
            * ((_workload.ReadShare * routing.ReadsAtDestination) + (_workload.WriteShare * routing.WritesAtDestination));
        double sequential = copy.IsSequential ? 1 : 0;
        MediumDemand read = MediumDemand.Of(
            _source.Medium, isRead: true, copy.ReadBytes, 1, sequential, Disturbed(atSource, CopyRate, _source.GuestQueue));
        MediumDemand write = MediumDemand.Of(
            _destination.Medium, isRead: false, copy.WriteBytes, copy.Runs, sequential, Disturbed(atDestination, CopyRate, _destination.GuestQueue));
        double time = _source.Copy(read, CopyRate, copy.Depth) + _destination.Copy(write, CopyRate, copy.Depth);
        return copy.Depth / Math.Max(time, 1e-9);
    }

    /// <summary>
    /// The share of the requests of one stream before which at least one of others is served: one waits already, or comes
    /// meanwhile, at random.
    /// </summary>
    private static double Disturbed(double others, double own, double waiting) =>
        own <= 0 || others <= 0 ? 0 : 1 - ((1 - Math.Min(1, waiting)) * Math.Exp(-others / own));
}

/// <summary>What the copy does again and again.</summary>
/// <param name="ReadBytes">At the source, at once.</param>
/// <param name="WriteBytes">At the destination thereupon.</param>
/// <param name="Depth">How many of these are under way.</param>
/// <param name="Runs">Pieces that are written.</param>
/// <param name="IsSequential">One begins where the other ended.</param>
internal readonly record struct CopyTask(double ReadBytes, double WriteBytes, int Depth, double Runs = 1, bool IsSequential = true);
