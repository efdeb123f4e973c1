using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Reservation commands (Base 2.1, 7.3 to 7.6 and 8.1.22).</summary>
public sealed partial class Controller
{
    private CommandOutcome RegisterReservation(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidOpcode);

    private CommandOutcome AcquireReservation(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidOpcode);

    private CommandOutcome ReleaseReservation(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidOpcode);

    private CommandOutcome ReportReservation(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidOpcode);
}
