namespace Emulator.Migration;

/// <summary>A medium that serves in the order of arrival.</summary>
internal sealed partial class SharedMedia
{
    /// <summary>
    /// Each is served for as long as it takes, and nobody comes at random: whoever comes from elsewhere finds what is served
    /// half done, and whoever has just been served here finds it begun. So an arrival is not as good as any moment, and who
    /// waits for a command of the copy is counted by when it comes: behind the command while that waits itself, or while it is
    /// served.
    /// </summary>
    private sealed class OrderedStation(MediumTraits medium, WorkloadTraits workload, double workingSet)
        : Station(medium, workload, workingSet)
    {
        /// <summary>Of the time of a medium, what one stream has at most: the rest keeps quotients finite.</summary>
        private const double MostBusy = 0.95;

        /// <summary>Requests of the VM that come while a command of the copy is served.</summary>
        private double _cameDuring;

        public override void Clear()
        {
            base.Clear();
            _cameDuring = 0;
        }

        protected override double WaitAmongGuests()
        {
            double others = (Processes - 1) / Processes;
            double fromElsewhere = 1 - (GuestQueue / Processes);
            double served = Math.Min(1, GuestBusy) * others * fromElsewhere;
            return Math.Max(0, (GuestQueue * others * GuestService) - (served * (GuestService - GuestResidual)));
        }

        /// <summary>
        /// A command of the copy comes from the other medium, while none of its kind is here: what it finds is what the VM
        /// has here then. Meanwhile and while it is served others come behind it.
        /// </summary>
        protected override (double Command, double Request) MeetCopy(double rate)
        {
            if (GuestRate <= 0 || rate <= 0)
                return (0, 0);

            double meanwhile = RateBeside(rate);
            double found = FoundBy(meanwhile);
            double served = Math.Min(1, Math.Min(found, meanwhile * GuestService));
            double behind = Math.Min(Processes, meanwhile * found * GuestService);
            double elsewhere = Math.Max(1e-9, (Processes - found) / meanwhile);
            double comes = 1 - Math.Exp(-CopyService / elsewhere);
            double come = (Processes - behind) * comes;
            _cameDuring = Damp(_cameDuring, come);
            double left = come <= 1e-9 ? 0 : (CopyService / comes) - elsewhere;
            double delay = rate / GuestRate * ((behind * CopyService) + (come * left));
            return ((found * GuestService) - (served * (GuestService - GuestResidual)), Damp(CopyDelay, delay));
        }

        /// <summary>Requests a second of the VM that come while no command of the copy is served.</summary>
        private double RateBeside(double rate)
        {
            double during = Math.Min(GuestRate / rate, _cameDuring);
            return Math.Max((1 - MostBusy) * GuestRate, GuestRate - (rate * during)) / (1 - Math.Min(MostBusy, rate * CopyService));
        }

        /// <summary>
        /// Requests of the VM that are here when a command of the copy comes: at least as many as make up the mean if all of
        /// them are here while one is.
        /// </summary>
        private double FoundBy(double meanwhile)
        {
            double here = Math.Min(MostBusy, CopyQueue);
            double least = (GuestQueue - (here * Processes)) / (1 - here);
            return Math.Min(Processes, Math.Max(least, meanwhile * (GuestService + GuestWait + PendingSeconds)));
        }
    }
}
