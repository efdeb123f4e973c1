namespace Emulator.Migration;

/// <summary>A medium with an arm that chooses whom it serves.</summary>
internal sealed partial class SharedMedia
{
    /// <summary>
    /// The nearest is next and not who came first, so that when somebody comes says nothing of whom it waits for: every arrival
    /// is as good as any moment, as in the mean value analysis of Schweitzer and Bard, and waits for those who are there in the
    /// mean.
    /// </summary>
    private sealed class ArmStation(MediumTraits medium, WorkloadTraits workload, double workingSet)
        : Station(medium, workload, workingSet)
    {
        protected override double WaitAmongGuests() => GuestQueue * GuestService * (Processes - 1) / Processes;

        protected override (double Command, double Request) MeetCopy(double rate) =>
            (GuestQueue * GuestService, CopyQueue * CopyService);
    }
}
