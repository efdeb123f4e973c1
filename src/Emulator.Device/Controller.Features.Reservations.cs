using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Features of reservations, FID 82h and 83h (Base 2.1, 5.1.25.1.29 and 5.1.25.1.30).</summary>
public sealed partial class Controller
{
    /// <summary>RESCAP of every namespace.</summary>
    private const ReservationCapabilities ReservationSupport = ReservationCapabilities.None;

    /// <summary>The bit of ONCS.</summary>
    private const OptionalNvmCommands OfferedReservations = OptionalNvmCommands.None;

    private CommandOutcome SetReservationFeature(SimTime now, in SubmissionEntry entry) =>
        Failed(now, Status.InvalidField);

    private CommandOutcome GetReservationFeature(SimTime now, in SubmissionEntry entry) =>
        Failed(now, Status.InvalidField);
}
