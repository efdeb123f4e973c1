namespace Emulator.Migration;

/// <summary>A medium with what waits for it.</summary>
internal sealed partial class SharedMedia
{
    private sealed class Station(MediumTraits medium, WorkloadTraits workload, double workingSet)
    {
        /// <summary>What goes on behind a cache makes others wait no longer than so many times: it yields to them.</summary>
        private const double MostStretch = 3;

        /// <summary>Writes to blocks that wait in the cache to be written anyway.</summary>
        private readonly double _absorbed =
            (1 - workload.SequentialShare) * Math.Pow(Math.Min(1, medium.CacheBytes / workingSet), 1 - workload.Skew);

        private double _guestService;
        private double _guestBusy;
        private double _guestBehind;
        private double _laterQueue;
        private double _laterService;
        private double _laterBusy;
        private double _copyQueue;
        private double _copyService;
        private double _copyBusy;
        private double _copyBehind;

        /// <summary>
        /// How many times its own work a request waits for that goes behind a cache: 0 while the medium can do what is asked
        /// of it, and as much as makes it no more than that.
        /// </summary>
        private double _price;

        public MediumTraits Medium => medium;

        /// <summary>Requests of the VM that wait here, in the mean, with the one that is served.</summary>
        public double GuestQueue { get; private set; }

        public double Factor { get; set; } = 1;

        /// <summary>How much longer work takes for what is done behind caches.</summary>
        private double Stretch => Math.Min(MostStretch, 1 / Math.Max(1e-6, 1 - _guestBehind - _copyBehind));

        public void Clear()
        {
            (GuestQueue, _guestService, _guestBusy, _guestBehind) = (0, 0, 0, 0);
            (_laterQueue, _laterService, _laterBusy) = (0, 0, 0);
            (_copyQueue, _copyService, _copyBusy, _copyBehind, _price) = (0, 0, 0, 0, 0);
        }

        public bool IsSlowerThan(Station other) => WriteDemand(1).Busy >= other.WriteDemand(1).Busy;

        /// <summary>Takes requests of the VM, all of them rates.</summary>
        /// <param name="later">Of the writes, those that the VM does not wait for here.</param>
        /// <param name="mostPending">Of these, how many may be under way.</param>
        /// <returns>What a read takes and a write.</returns>
        public (double Read, double Write) Serve(double reads, double writes, double later, double copyRate, int mostPending)
        {
            double disturbed = Disturbed(copyRate, reads + writes, _copyQueue);
            MediumDemand read = Factor * MediumDemand.Of(
                medium, isRead: true, workload.RequestBytes, 1, workload.SequentialShare, disturbed);
            MediumDemand write = WriteDemand(disturbed);
            double wait = ((GuestQueue * _guestService * (workload.Outstanding - 1) / workload.Outstanding)
                + (_copyQueue * _copyService) + (_laterQueue * _laterService)) * Stretch;
            double queuedRead = read.Latency + (read.Busy * (Stretch - 1)) + wait;
            double queuedWrite = write.Latency + (write.Busy * (Stretch - 1)) + wait;
            double priced = _price * write.Busy;
            bool isCached = write.Behind > 0;
            double pending = isCached ? 0 : later;
            Queue(read, queuedRead, reads * (1 - read.Behind), write, queuedWrite, isCached ? 0 : writes - later);
            _guestBehind = (reads * read.Behind * read.Busy) + (isCached ? writes * write.Busy : 0);
            _laterBusy = pending * write.Busy;
            _laterService = write.Busy;
            _laterQueue = Damp(_laterQueue, Math.Min(mostPending, pending * (write.Latency + priced)));
            return (
                ((1 - read.Behind) * queuedRead) + (read.Behind * (read.Latency + (_price * read.Busy))),
                isCached || later > 0 ? write.Latency + priced : queuedWrite);
        }

        /// <summary>Takes commands of the copy.</summary>
        /// <returns>What one takes.</returns>
        public double Copy(in MediumDemand demand, double rate, int depth)
        {
            double queued = demand.Latency + (demand.Busy * (Stretch - 1)) + (GuestQueue * _guestService * Stretch)
                + (_laterQueue * _laterService)
                + (_copyQueue * _copyService * (depth - 1) / depth);
            _copyService = demand.Busy;
            _copyBusy = rate * (1 - demand.Behind) * demand.Busy;
            _copyBehind = rate * demand.Behind * demand.Busy;
            _copyQueue = Damp(_copyQueue, rate * (1 - demand.Behind) * (queued - demand.Latency + demand.Busy));
            double latency = medium.HasArm ? Math.Min(demand.Latency, medium.WriteSeconds) : demand.Latency;
            return ((1 - demand.Behind) * queued) + (demand.Behind * (latency + (_price * demand.Busy)));
        }

        /// <summary>More than the medium can do raises the price, and less lowers it.</summary>
        /// <returns>True when it stays as it is.</returns>
        public bool SetPrice()
        {
            double load = Math.Min(2, _guestBusy + _guestBehind + _laterBusy + _copyBusy + _copyBehind);
            double last = _price;
            _price = Math.Max(0, last + (0.2 * (load - 1) * Math.Max(0.5, last)));
            return Math.Abs(_price - last) <= Precise * Math.Max(1, last);
        }

        private MediumDemand WriteDemand(double disturbed)
        {
            MediumDemand write = MediumDemand.Of(
                medium, isRead: false, workload.RequestBytes, 1, workload.SequentialShare, disturbed);
            return write.Behind > 0 ? write with { Busy = Factor * (1 - _absorbed) * write.Busy } : Factor * write;
        }

        private void Queue(in MediumDemand read, double readTime, double reads, in MediumDemand write, double writeTime, double writes)
        {
            _guestBusy = (reads * read.Busy) + (writes * write.Busy);
            _guestService = reads + writes <= 0 ? 0 : _guestBusy / (reads + writes);
            double queue = (reads * (readTime - read.Latency + read.Busy)) + (writes * (writeTime - write.Latency + write.Busy));
            GuestQueue = Damp(GuestQueue, Math.Min(workload.Outstanding, queue));
        }
    }
}
