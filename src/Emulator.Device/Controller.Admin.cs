using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Admin commands: the switch on the opcode.</summary>
public sealed partial class Controller
{
    private const uint BroadcastNsid = uint.MaxValue;

    protected override CommandOutcome ExecuteAdmin(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        (AdminOpcode)entry.Opcode switch
        {
            AdminOpcode.KeepAlive => KeepAlive(now),
            AdminOpcode.AsynchronousEventRequest => RequestAsyncEvent(now, entry.Cid),
            AdminOpcode.Abort => Abort(now, entry),
            _ => Failed(now, Status.InvalidOpcode),
        };

    /// <summary>
    /// A command ends with an error. Errors of the drive's own making will come again, so that Do Not Retry is set; those
    /// of the path or of the moment will not.
    /// </summary>
    private CommandOutcome Failed(SimTime now, Status status) =>
        CommandOutcome.Completed(now, MayPass(status) ? status : status.WithDoNotRetry());

    private static bool MayPass(Status status) =>
        status.StatusCodeType == StatusCodeType.Path
        || status == Status.SanitizeInProgress
        || status == Status.FormatInProgress
        || status == Status.AbortedFailedFused;

    protected override int GrantedIoQueues => _drive.Options.MaxIoQueues;

    protected override void OnReset(SimTime now)
    {
    }
}
