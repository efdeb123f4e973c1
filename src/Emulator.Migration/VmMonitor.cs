using System.Numerics;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// The VM Migration State Monitor of one VM: where the VM stands in a migration, whether its own I/O is fenced, and
/// what it wrote. It is steered by feature D0h of the vendor command set (specs/vendor-commands.md).
/// </summary>
public sealed partial class VmMonitor : IDisposable
{
    private readonly IVmEvents _events;
    private readonly VmResidence _firstResidence;
    private VmResidence _residence;
    private bool _hostFillsItself;

    /// <param name="granuleBytes">Bytes that one bit of tracking stands for, a power of two and at least a block.</param>
    /// <param name="events">Whom to tell that the threshold was crossed.</param>
    /// <param name="residence">Where the VM is before anything is said of a migration.</param>
    public VmMonitor(int granuleBytes, IVmEvents events, VmResidence residence = VmResidence.Here)
    {
        Check.That(BitOperations.IsPow2(granuleBytes));
        GranuleShift = BitOperations.Log2((uint)granuleBytes);
        _events = events;
        _firstResidence = _residence = residence;
        IsFenced = residence != VmResidence.Here;
    }

    /// <summary>Base-two logarithm of the bytes of a tracking granule.</summary>
    public int GranuleShift { get; }

    /// <summary>Active, Destination, Halted and the policies as they were last set.</summary>
    public VmMigrationFlags Settings { get; private set; }

    /// <summary>The last migration completed; false from the start of the next one on.</summary>
    public bool IsCompleted { get; private set; }

    public bool IsActive => (Settings & VmMigrationFlags.Active) != 0;

    public bool IsSource =>
        (Settings & (VmMigrationFlags.Active | VmMigrationFlags.Destination)) == VmMigrationFlags.Active;

    public bool IsDestination => IsActive && !IsSource;

    public bool IsHalted => (Settings & VmMigrationFlags.Halted) != 0;

    /// <summary>The VM's own I/O is completed with a path-related status.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>Nothing would be lost but the written set if the VM were forgotten and came anew.</summary>
    public bool IsIdle => !IsActive && _residence == _firstResidence && Threshold == 0;

    /// <summary>I/O commands that the fence turned away, since the drive knows the VM.</summary>
    public ulong CommandsFenced { get; private set; }

    /// <summary>
    /// Where the VM is to be taken to be once the drive has lost its power, and with it every setting. A VM that was halted
    /// may run elsewhere by then, and what was on its way is there in part.
    /// </summary>
    public VmResidence LastingResidence =>
        IsHalted ? VmResidence.MovedAway
        : IsDestination && !_hostFillsItself ? VmResidence.NeverArrived
        : _residence;

    /// <summary>
    /// The VM is one of several that write to namespaces through one controller. What others write there is a change under
    /// it only where it has written itself; it is told from the others by the stream that its commands carry.
    /// </summary>
    public bool SharesController { get; init; }

    public VmMigrationPhase Phase =>
        !IsActive ? VmMigrationPhase.Idle
        : IsDestination ? (IsReady ? VmMigrationPhase.Ready : VmMigrationPhase.Receiving)
        : IsHalted ? VmMigrationPhase.Blackout
        : VmMigrationPhase.Brownout;

    /// <summary>Pages that the last ERASE deallocated.</summary>
    public ulong PagesErased { get; private set; }

    /// <summary>Pages of what it deallocated that held data afterwards.</summary>
    public ulong PagesLeft { get; private set; }

    /// <summary>The VM's data was deallocated here, with ERASE.</summary>
    public void WasErased(ulong pagesErased, ulong pagesLeft) => (PagesErased, PagesLeft) = (pagesErased, pagesLeft);

    /// <summary>An I/O command of the VM, which the fence may turn away.</summary>
    /// <returns>Success or Asymmetric Access Inaccessible.</returns>
    public Status Admit()
    {
        if (!IsFenced)
            return Status.Success;
        CommandsFenced++;
        return Status.AsymmetricAccessInaccessible;
    }

    /// <summary>What <see cref="Set"/> would answer, without doing anything.</summary>
    /// <returns>Success, Invalid Field, Migration Busy or Migration Not Active.</returns>
    public Status Problem(VmMigrationFlags requested)
    {
        Status status = CombinationProblem(requested);
        return status.IsSuccess ? TransitionProblem(requested) : status;
    }

    /// <summary>Carries out Set Features D0h, in full or not at all.</summary>
    /// <param name="requested">CDW11, of which only bits of <see cref="VmMigrationFlags.SetMask"/> may be set.</param>
    /// <param name="threshold">CDW12.</param>
    /// <param name="hostIsOwnManager">
    /// Nobody but the VM's host can fill its namespaces, so that it is not fenced at the destination.
    /// </param>
    /// <returns>Success, Invalid Field, Migration Busy or Migration Not Active.</returns>
    public Status Set(VmMigrationFlags requested, uint threshold, bool hostIsOwnManager)
    {
        Status status = Problem(requested);
        if (!status.IsSuccess)
            return status;

        if ((requested & VmMigrationFlags.Active) == 0)
            Leave((requested & VmMigrationFlags.Completed) != 0);
        else if (!IsActive)
            Enter((requested & VmMigrationFlags.Destination) != 0, hostIsOwnManager);
        bool wasHalted = IsHalted;
        Settings = requested & (VmMigrationFlags.Active | VmMigrationFlags.Destination | VmMigrationFlags.Halted
            | VmMigrationFlags.PolicyMask);
        if (IsHalted && !wasHalted)
            _roundWhenHalted = Round;
        if ((requested & VmMigrationFlags.ClearWritten) != 0)
            Instantiate();
        IsFenced = _residence != VmResidence.Here || IsHalted || (IsDestination && !_hostFillsItself);
        if (threshold != VendorCommandSet.KeepThreshold)
            Threshold = threshold;
        return Status.Success;
    }

    /// <summary>Dword 0 of Get Features D0h without the target.</summary>
    public VmMigrationFlags Flags =>
        Settings
        | (IsCompleted ? VmMigrationFlags.Completed : 0)
        | (IsThresholdExceeded ? VmMigrationFlags.ThresholdExceeded : 0)
        | (IsReady ? VmMigrationFlags.Ready : 0);

    public void Dispose()
    {
        foreach (ChangeTracker tracker in _trackers.Values)
            tracker.Dispose();
        _trackers.Clear();
    }

    /// <summary>What can never be asked for.</summary>
    private static Status CombinationProblem(VmMigrationFlags requested)
    {
        bool active = (requested & VmMigrationFlags.Active) != 0;
        bool destination = (requested & VmMigrationFlags.Destination) != 0;
        bool completed = (requested & VmMigrationFlags.Completed) != 0;
        bool halted = (requested & VmMigrationFlags.Halted) != 0;
        bool erase = (requested & VmMigrationFlags.Erase) != 0;
        return (requested & ~VmMigrationFlags.SetMask) != 0
            || (halted && (!active || destination))
            || (completed && active)
            || (erase && (!completed || destination))
                ? Status.InvalidField
                : Status.Success;
    }

    /// <summary>What cannot be asked for as things stand.</summary>
    private Status TransitionProblem(VmMigrationFlags requested)
    {
        bool clearWritten = (requested & VmMigrationFlags.ClearWritten) != 0;
        if ((requested & VmMigrationFlags.Active) != 0)
        {
            bool sameRole = ((requested ^ Settings) & VmMigrationFlags.Destination) == 0;
            return IsActive && (!sameRole || clearWritten) ? Status.MigrationBusy : Status.Success;
        }

        if ((requested & VmMigrationFlags.Completed) == 0)
            return Status.Success;
        if (!IsActive)
            return Status.MigrationNotActive;
        bool erase = (requested & VmMigrationFlags.Erase) != 0;
        return (IsSource && clearWritten) || (IsDestination && erase) ? Status.InvalidField : Status.Success;
    }

    private void Enter(bool asDestination, bool hostIsOwnManager)
    {
        IsCompleted = false;
        WasErased(0, 0);
        if (_residence == VmResidence.MovedAway || asDestination)
            _residence = VmResidence.Here;
        if (asDestination)
            _hostFillsItself = hostIsOwnManager;
        else
            StartRounds();
    }

    private void Leave(bool completed)
    {
        if (!IsActive)
            return;
        IsCompleted = completed;
        ForgetState();
        if (IsSource)
        {
            StopRounds();
            if (completed)
                _residence = VmResidence.MovedAway;
        }
        else if (!completed && !_hostFillsItself)
        {
            _residence = VmResidence.NeverArrived;
        }
    }

    /// <summary>A VM begins its life here, whatever was here before.</summary>
    private void Instantiate()
    {
        _residence = VmResidence.Here;
        ForgetWritten();
    }
}
