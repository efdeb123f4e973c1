namespace Emulator.Migration;

/// <summary>
/// The VM and the copy as two loops that share two media: what each gets of them. The means of a closed network, with a
/// medium's parallelism as time beside the queue after Seidmann. Work that is done behind a cache takes time from the others,
/// and is waited for only when there is more of it than the medium can do. With asynchronous mirroring the VM goes at the pace
/// of the side with less to do; whether the other keeps up, the loads of both say.
/// </summary>
internal sealed partial class SharedMedia
{
    private const int LeastSteps = 5;

    /// <summary>What swings on then swings about where it would settle: more steps hardly change a choice.</summary>
    private const int MostSteps = 100;

    private const double Precise = 1e-3;

    /// <summary>Beyond this a medium falls behind; what is less is how precise rates are.</summary>
    private const double Overloaded = 1.002;

    private readonly WorkloadTraits _workload;
    private readonly Station _source;
    private readonly Station _destination;
    private bool _isGuestIdle;
    private double _mostPending;
    private bool _isFull;

    /// <summary>What the first side to have a write waits before it takes the next, since too many are pending.</summary>
    private double _hold;

    /// <summary>The side that the VM does not wait for.</summary>
    private Station? _behind;

    /// <param name="think">Seconds that a process of the VM thinks between two requests.</param>
    /// <param name="workingSet">Bytes that the VM touches.</param>
    public SharedMedia(MediumTraits source, MediumTraits destination, WorkloadTraits workload, double think, double workingSet)
    {
        (_workload, ThinkSeconds) = (workload, think);
        _source = Station.Of(source, workload, workingSet);
        _destination = Station.Of(destination, workload, workingSet);
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

    /// <summary>How many more writes one side is behind the other every second.</summary>
    public double PendingGrowth { get; private set; }

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
    /// <param name="mostPending">Writes that one side may be behind the other.</param>
    /// <param name="threshold">With as many the VM is held back.</param>
    /// <param name="isGuestIdle">Only the copy is there.</param>
    public void Solve(in RequestRouting routing, CopyTask? copy, double mostPending = 0, int threshold = 0, bool isGuestIdle = false)
    {
        // A VM that is paused has nothing waiting.
        if (isGuestIdle)
            Clear();
        (_isGuestIdle, _mostPending, _isFull) = (isGuestIdle, mostPending, mostPending >= threshold);
        (_hold, _behind, PendingGrowth) = (0, null, 0);
        if (!routing.CompletesOnFirst || routing.WritesAtBoth <= 0)
        {
            Settle(routing, copy);
            return;
        }

        // What is asked of each side shows when the VM waits for both.
        Settle(routing with { CompletesOnFirst = false }, copy);
        _behind = _source.Load > _destination.Load ? _source : _destination;
        Settle(routing, copy);
        PendingGrowth = _isFull ? 0 : _behind.PendingGrowth;
    }

    private void Settle(in RequestRouting routing, CopyTask? copy)
    {
        GuestRate = _isGuestIdle ? 0 : Math.Max(GuestRate, 1);
        CopyRate = copy == null ? 0 : Math.Max(CopyRate, 1);
        for (int step = 0; step < MostSteps; step++)
        {
            double guests = _isGuestIdle ? 0 : NextGuestRate(routing);
            double commands = copy == null ? 0 : NextCopyRate(copy.Value, routing);
            bool isSettled = Near(guests, GuestRate) && Near(commands, CopyRate) && step > LeastSteps;
            GuestRate = Damp(GuestRate, guests);
            CopyRate = Damp(CopyRate, commands);
            bool isFilled = _source.Fill() & _destination.Fill();
            if (IsHeld() & isSettled & isFilled)
                return;
        }
    }

    /// <summary>With as many pending as may be, the VM waits until there are no more of them than can be done.</summary>
    /// <returns>True when it waits as long as it has to.</returns>
    private bool IsHeld()
    {
        if (_behind == null || !_isFull || (_hold <= 0 && _behind.Pending < 0.99 * _mostPending))
            return true;
        double round = _workload.Outstanding / GuestRate;
        double last = _hold;
        _hold = Math.Max(0, last + (0.3 * (Math.Min(2, _behind.Load) - 1) * round));
        return Math.Abs(_hold - last) <= Precise * round;
    }

    private static bool Near(double next, double last) => Math.Abs(next - last) <= Precise * last;

    private static double Damp(double last, double next) => (0.6 * last) + (0.4 * next);

    private double NextGuestRate(in RequestRouting routing)
    {
        double both = routing.WritesAtBoth;
        double reads = GuestRate * _workload.ReadShare;
        double writes = GuestRate * _workload.WriteShare;
        double later = routing.CompletesOnFirst ? writes * both : 0;
        (double readAtSource, double writeAtSource) = _source.Serve(
            reads * routing.ReadsAtSource, writes * routing.WritesAtSource, _behind == _source ? later : 0, CopyRate, _mostPending);
        (double readAtDestination, double writeAtDestination) = _destination.Serve(
            reads * routing.ReadsAtDestination, writes * routing.WritesAtDestination, _behind == _destination ? later : 0, CopyRate, _mostPending);
        double write = ((routing.WritesAtSource - both) * writeAtSource) + ((routing.WritesAtDestination - both) * writeAtDestination)
            + (both * (routing.CompletesOnFirst
                ? WriteToFirst(writeAtSource, writeAtDestination)
                : WriteToBoth(writeAtSource, writeAtDestination)));
        double read = (routing.ReadsAtSource * readAtSource) + (routing.ReadsAtDestination * readAtDestination);
        return _workload.Outstanding / (ThinkSeconds + (_workload.ReadShare * read) + (_workload.WriteShare * write));
    }

    /// <summary>
    /// The copy is at one side at a time: a process alone waits for it now here and now there. With more of them one side
    /// goes on meanwhile, and has done then what it would have been held back with.
    /// </summary>
    private double WriteToBoth(double atSource, double atDestination) => Math.Max(atSource, atDestination)
        + (Math.Min(_source.CopyDelayOfWrites, _destination.CopyDelayOfWrites) / _workload.Outstanding);

    private double WriteToFirst(double atSource, double atDestination) =>
        (_behind == _destination ? atSource : atDestination) + _hold;

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
