using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Commands that are over when the medium was synchronised, which goes on in the background.</summary>
public sealed partial class Controller
{
    private protected override CommandOutcome UntilDurable(
        QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome)
    {
        _drive.CompleteWhenDurable(this, queue, entry, outcome);
        return CommandOutcome.Pending;
    }

    /// <summary>The medium was synchronised for a command, unless its host is gone, or could not be.</summary>
    internal void CompleteDurable(
        SimTime now, QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome, bool isDurable)
    {
        if (!Has(queue))
            return;
        if (isDurable)
        {
            queue.Endpoint.Complete(entry.Cid, outcome.After(default));
            return;
        }

        CommandOutcome failed = Failed(new MediumResult(now, MediumStatus.WriteFault));
        OnFailed(now, queue, entry, failed.Status);
        queue.Endpoint.Complete(entry.Cid, failed);
    }
}
