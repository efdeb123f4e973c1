namespace Emulator.Migration;

/// <summary>A medium with what waits for it.</summary>
internal sealed partial class SharedMedia
{
    /// <summary>
    /// Requests of the VM and commands of the copy, one of which is served at a time. Whom each of them waits for depends on
    /// who is next, which is up to the medium.
    /// </summary>
    private abstract class Station(MediumTraits medium, WorkloadTraits workload, double workingSet)
    {
        /// <summary>What goes on behind a cache makes others wait no longer than so many times: it yields to them.</summary>
        private const double MostStretch = 3;

        /// <summary>Writes to blocks that wait in the cache to be written anyway.</summary>
        private readonly double _absorbed =
            (1 - workload.SequentialShare) * Math.Pow(Math.Min(1, medium.CacheBytes / workingSet), 1 - workload.Skew);

        private double _guestBehind;
        private double _laterService;
        private double _laterBusy;
        private double _copyBusy;
        private double _copyBehind;

        /// <summary>
        /// Of what could go behind a cache, the share that finds no room and waits its turn as if there were none: 0 while the
        /// medium can do what is asked of it, and as much as makes it no more than that.
        /// </summary>
        private double _full;

        public MediumTraits Medium => medium;

        /// <summary>Requests of the VM that wait here, in the mean, with the one that is served.</summary>
        public double GuestQueue { get; private set; }

        public double Factor { get; set; } = 1;

        /// <summary>Writes that the VM has the completion of, from the other side, and that wait here.</summary>
        public double Pending { get; private set; }

        /// <summary>How many more of them there are every second.</summary>
        public double PendingGrowth => _laterBusy <= 0 ? 0 : Math.Max(0, Load - Overloaded) / _laterService;

        /// <summary>Writes are complete before the medium has them.</summary>
        public bool WritesBehind { get; private set; }

        /// <summary>What a write waits here for the copy, in the mean.</summary>
        public double CopyDelayOfWrites => WritesBehind ? _full * CopyDelay : CopyDelay;

        /// <summary>Of the time of the medium, what all of it asks for.</summary>
        public double Load => GuestBusy + _guestBehind + _laterBusy + _copyBusy + _copyBehind;

        /// <summary>Requests a second of the VM that wait their turn.</summary>
        protected double GuestRate { get; private set; }

        /// <summary>Seconds for which one of them is served.</summary>
        protected double GuestService { get; private set; }

        /// <summary>What is left of that, in the mean, when somebody comes at any moment.</summary>
        protected double GuestResidual { get; private set; }

        /// <summary>Seconds that a request of the VM waits for others of the VM.</summary>
        protected double GuestWait { get; private set; }

        /// <summary>Share of the time in which a request of the VM is served.</summary>
        protected double GuestBusy { get; private set; }

        /// <summary>Commands of the copy that wait here, in the mean, with the one that is served.</summary>
        protected double CopyQueue { get; private set; }

        protected double CopyService { get; private set; }

        /// <summary>Seconds that a request of the VM waits for commands of the copy.</summary>
        protected double CopyDelay { get; private set; }

        /// <summary>Seconds of the writes that are pending here, which whoever comes waits for.</summary>
        protected double PendingSeconds => Pending * _laterService;

        protected double Processes => workload.Outstanding;

        /// <summary>How much longer work takes for what is done behind caches.</summary>
        private double Stretch => Math.Min(MostStretch, 1 / Math.Max(1e-6, 1 - _guestBehind - _copyBehind));

        public static Station Of(MediumTraits medium, WorkloadTraits workload, double workingSet) => medium.HasArm
            ? new ArmStation(medium, workload, workingSet)
            : new OrderedStation(medium, workload, workingSet);

        public virtual void Clear()
        {
            (GuestQueue, GuestRate, GuestService, GuestResidual, GuestWait) = (0, 0, 0, 0, 0);
            (GuestBusy, _guestBehind, _laterService, _laterBusy, Pending) = (0, 0, 0, 0, 0);
            (CopyQueue, CopyService, _copyBusy, _copyBehind) = (0, 0, 0, 0);
            (CopyDelay, _full) = (0, 0);
        }

        /// <summary>Takes requests of the VM, all of them rates.</summary>
        /// <param name="later">Of the writes, those that the VM does not wait for here.</param>
        /// <param name="mostPending">Of these, how many may be under way.</param>
        /// <returns>What a read takes and a write that the VM waits for.</returns>
        public (double Read, double Write) Serve(double reads, double writes, double later, double copyRate, double mostPending)
        {
            double disturbed = Disturbed(copyRate, reads + writes, CopyQueue);
            MediumDemand read = Factor * MediumDemand.Of(
                medium, isRead: true, workload.RequestBytes, 1, workload.SequentialShare, disturbed);
            MediumDemand write = WriteDemand(disturbed);
            WritesBehind = write.Behind > 0;
            double readsBehind = read.Behind * (1 - _full);
            double writesBehind = write.Behind * (1 - _full);
            double waitedFor = Math.Max(0, writes - later);
            _laterBusy = later * write.Busy;
            _laterService = write.Busy;
            Pending = Damp(Pending, WritesBehind ? _full * mostPending : PendingOf(later, mostPending));
            _guestBehind = (reads * readsBehind * read.Busy) + (waitedFor * writesBehind * write.Busy);
            Take(reads * (1 - readsBehind), read.Busy, waitedFor * (1 - writesBehind), write.Busy);
            double wait = ((GuestWait + CopyDelay) * Stretch) + PendingSeconds;
            double queuedRead = read.Latency + (read.Busy * (Stretch - 1)) + wait;
            double queuedWrite = (WritesBehind ? write.Busy : write.Latency) + (write.Busy * (Stretch - 1)) + wait;
            return (
                ((1 - readsBehind) * queuedRead) + (readsBehind * read.Latency),
                ((1 - writesBehind) * queuedWrite) + (writesBehind * write.Latency));
        }

        /// <summary>Takes commands of the copy.</summary>
        /// <returns>What one takes.</returns>
        public double Copy(in MediumDemand demand, double rate, int depth)
        {
            double behind = demand.Behind * (1 - _full);
            CopyService = demand.Busy;
            _copyBusy = rate * (1 - behind) * demand.Busy;
            _copyBehind = rate * behind * demand.Busy;
            (double behindGuests, CopyDelay) = MeetCopy(rate * (1 - behind));
            double wait = (behindGuests * Stretch) + PendingSeconds + (CopyQueue * CopyService * (depth - 1) / depth);
            double served = demand.Behind > 0 ? demand.Busy : demand.Latency;
            double queued = served + (demand.Busy * (Stretch - 1)) + wait;
            CopyQueue = Damp(CopyQueue, Math.Min(depth, rate * (1 - behind) * (wait + (demand.Busy * Stretch))));
            double latency = medium.HasArm ? Math.Min(demand.Latency, medium.WriteSeconds) : demand.Latency;
            return ((1 - behind) * queued) + (behind * latency);
        }

        /// <summary>More than the medium can do fills what takes it behind, and less empties it.</summary>
        /// <returns>True when it stays as it is.</returns>
        public bool Fill()
        {
            double last = _full;
            _full = Math.Clamp(last + (0.1 * (Math.Min(2, Load) - 1)), 0, 1);
            return Math.Abs(_full - last) <= Precise;
        }

        /// <summary>What a request of the VM waits here for the others of the VM.</summary>
        protected abstract double WaitAmongGuests();

        /// <summary>The copy beside the VM.</summary>
        /// <param name="rate">Commands a second of the copy that wait their turn.</param>
        /// <returns>What such a command waits for requests of the VM, and one of these for such commands.</returns>
        protected abstract (double Command, double Request) MeetCopy(double rate);

        /// <summary>Each waits for what is here when it comes, of which such writes are a part again.</summary>
        private double PendingOf(double later, double most)
        {
            double own = later * _laterService;
            double found = (GuestQueue * GuestService) + (CopyQueue * CopyService);
            return own >= 1 ? most : Math.Min(most, later * (_laterService + found) / (1 - own));
        }

        private MediumDemand WriteDemand(double disturbed)
        {
            MediumDemand write = MediumDemand.Of(
                medium, isRead: false, workload.RequestBytes, 1, workload.SequentialShare, disturbed);
            return write.Behind > 0 ? write with { Busy = Factor * (1 - _absorbed) * write.Busy } : Factor * write;
        }

        /// <summary>Requests that queue here, and what each waits for the others of the VM.</summary>
        private void Take(double reads, double read, double writes, double write)
        {
            GuestRate = reads + writes;
            GuestBusy = (reads * read) + (writes * write);
            GuestService = GuestRate <= 0 ? 0 : GuestBusy / GuestRate;
            GuestResidual = GuestBusy <= 0 ? 0 : ((reads * read * read) + (writes * write * write)) / (2 * GuestBusy);
            GuestWait = WaitAmongGuests();
            double here = GuestService + ((GuestWait + CopyDelay) * Stretch) + PendingSeconds;
            GuestQueue = Damp(GuestQueue, Math.Min(Processes, GuestRate * here));
        }
    }
}
