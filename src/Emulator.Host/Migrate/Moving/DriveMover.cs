using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>The source drive moves the VM by itself: commands C5h and C8h.</summary>
internal sealed class DriveMover(MigrateOptions options, DirectTransferMode mode, DriveClient source, DriveClient destination) : IMover
{
    /// <summary>What a drive is taken to move a second where no limit says otherwise, for the size of rounds alone.</summary>
    private const double AssumedBytesPerSecond = 200e6;

    private const ulong MicrosecondsOfLook = 100_000;

    /// <summary>A transfer that stood back for less of the time goes as fast as what it moves over.</summary>
    private const double LeastYielded = 0.1;

    private const ulong LeastConvergedBytes = 64 * 1024;
    private const ulong MostConvergedBytes = 16 << 20;

    private ulong _microseconds;
    private ulong _yielded;
    private bool _standsBack;

    public bool IsCarried => false;

    /// <summary>A quarter of what may move in the black-out, so that rounds leave less than that.</summary>
    public static ulong ConvergedBytes(MigrateOptions options)
    {
        double rate = options.BytesPerSecond == 0 ? AssumedBytesPerSecond : Math.Min(AssumedBytesPerSecond, options.BytesPerSecond);
        return (ulong)Math.Clamp(rate * options.MaxDowntimeMs / 1e3 / 4, LeastConvergedBytes, MostConvergedBytes);
    }

    public void Start(bool isRepeated)
    {
        DirectTransferProgress before = source.TransferProgress();
        if (IsUnderWay((DirectTransferPhase)before.Phase))
            return;
        bool isRestOfIt = isRepeated
            && before.Phase is (byte)DirectTransferPhase.Failed or (byte)DirectTransferPhase.Cancelled
            && before.Reason != (ushort)DirectTransferReason.MediumReplaced
            && source.Status().Phase == (uint)VmMigrationPhase.Brownout;
        DirectTransferMode first = isRestOfIt ? DirectTransferMode.DirtyRanges : mode;
        source.StartTransfer(DriveClient.RequestFor(options, first, destination.Vm, ConvergedBytes(options)));
    }

    public MoverProgress Advance()
    {
        DirectTransferProgress progress = source.TransferProgress();
        LookAtYield(progress);
        return new MoverProgress(PhaseOf((DirectTransferPhase)progress.Phase))
        {
            Round = progress.Round,
            BytesToDo = progress.BytesToDo,
            BytesDirty = progress.BytesDirty,
            BytesPerSecond = progress.BytesPerSecond,
            BytesSent = progress.BytesSent,
            BytesZeroed = progress.BytesZeroed,
            BytesRepeated = progress.BytesRepeated,
            BytesEqual = progress.BytesEqual,
            StateBytes = progress.StateBytes,
            FirstPassBytes = progress.FirstPassBytes,
            FirstPassSeconds = progress.FirstPassMicroseconds / 1e6,
            CouldTakeMore = options.SharePercent == 0 && progress.SharePercent < ShareGrowth.MostPercent && _standsBack,
            Problem = TextField.ReadPadded(progress.Text),
        };
    }

    /// <summary>Whether it stood back for hosts in the last while.</summary>
    private void LookAtYield(in DirectTransferProgress progress)
    {
        ulong elapsed = progress.Microseconds - Math.Min(progress.Microseconds, _microseconds);
        if (elapsed < MicrosecondsOfLook)
            return;
        _standsBack = progress.YieldedMicroseconds - Math.Min(progress.YieldedMicroseconds, _yielded) > elapsed * LeastYielded;
        (_microseconds, _yielded) = (progress.Microseconds, progress.YieldedMicroseconds);
    }

    public void Finish()
    {
        Status status = source.ControlTransfer(DirectTransferAction.Finish);

        // Over already is what it is to be; everything else the progress tells.
        if (!status.IsSuccess && !status.Matches(Status.CommandSequenceError) && !status.Matches(Status.TransferFailed))
            throw new MigrateException($"the source drive does not finish the transfer: {status}");
    }

    public void Cancel() => source.ControlTransfer(DirectTransferAction.Cancel);

    public void Dispose()
    {
        // The drive goes on without this process, so that another one can go on with it.
    }

    private static bool IsUnderWay(DirectTransferPhase phase) =>
        phase is not (DirectTransferPhase.None or DirectTransferPhase.Done or DirectTransferPhase.Failed or DirectTransferPhase.Cancelled);

    private static MoverPhase PhaseOf(DirectTransferPhase phase) => phase switch
    {
        DirectTransferPhase.Comparing or DirectTransferPhase.Copying => MoverPhase.FirstPass,
        DirectTransferPhase.CatchingUp => MoverPhase.CatchingUp,
        DirectTransferPhase.Converged => MoverPhase.Converged,
        DirectTransferPhase.Finishing => MoverPhase.Finishing,
        DirectTransferPhase.Done => MoverPhase.Done,
        DirectTransferPhase.Reconnecting => MoverPhase.Reconnecting,
        DirectTransferPhase.Connecting => MoverPhase.Connecting,
        _ => MoverPhase.Failed,
    };
}
