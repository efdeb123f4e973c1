using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The direct transfers of a drive: one for a VM at most, of which the last is remembered for its log page.</summary>
internal sealed class DirectTransfers(Drive drive) : ITransferSite, IDisposable
{
    /// <summary>Transfers under way at the same time: each has connections, and buffers of some megabytes.</summary>
    public const int Most = 8;

    private readonly List<DirectTransfer> _active = [];
    private readonly List<DirectTransfer> _ended = [];
    private readonly Dictionary<VmMonitor, VmTarget> _targets = [];

    /// <summary>The drive can connect to others.</summary>
    public bool ArePossible => drive.Options.Peers != null;

    public IPeerConnector Connector => drive.Options.Peers!;

    public ForegroundMeter Hosts => drive.Hosts;

    public bool IsFull => _active.Count == Most;

    public SimTime NextEvent
    {
        get
        {
            SimTime next = SimTime.Never;
            foreach (DirectTransfer transfer in _active)
                next = SimTime.Min(next, transfer.NextEvent);
            if (drive.HasSchemes)
                next = SimTime.Min(next, NextEventOfEnded);
            return next;
        }
    }

    public void Advance(SimTime now)
    {
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (now >= _active[i].NextEvent)
                _active[i].Advance(now);
        }

        if (drive.HasSchemes)
            AdvanceEnded(now);
    }

    /// <summary>The transfer of a VM that is under way or was the last; null if there was none.</summary>
    public DirectTransfer? Find(VmMonitor vm) =>
        _active.Find(transfer => transfer.Vm == vm) ?? _ended.Find(transfer => transfer.Vm == vm);

    /// <summary>Begins a transfer. There is room for it, and none of the VM is under way.</summary>
    public void Start(SimTime now, TransferPlan plan, VmTarget target)
    {
        VmMonitor vm = target.Vm;
        Check.That(!IsFull && !vm.IsTransferred);
        _ended.RemoveAll(transfer => transfer.Vm == vm);
        _targets[vm] = target;
        ICopySource[] sources =
            [.. drive.NamespacesOf(vm).Select(ns => new NamespaceCopySource(drive, ns, target.Caching))];
        _active.Add(new DirectTransfer(now, plan, vm, target.Id, sources, this));
    }

    public Status WriteState(SimTime now, DirectTransfer transfer, StateWriter writer, bool isDelta)
    {
        VmTarget target = _targets[transfer.Vm];
        return isDelta
            ? StateCapture.Delta(drive, now, target, StateSections.All, writer)
            : StateCapture.Whole(drive, now, target, StateSections.All, writer);
    }

    public void TransferEnded(DirectTransfer transfer)
    {
        _active.Remove(transfer);
        _targets.Remove(transfer.Vm);
        _ended.Add(transfer);
        drive.Controllers.TransferEnded(transfer.Vm);
    }

    public DirectTransferProgress ProgressOf(SimTime now, VmMonitor vm, ushort target)
    {
        DirectTransferProgress progress = Find(vm)?.Progress(now)
            ?? new DirectTransferProgress { Version = 1, ControllerThere = ushort.MaxValue };
        progress.Target = target;
        return progress;
    }

    /// <summary>ACTIVE is cleared at the source.</summary>
    public void Cancel(SimTime now, VmMonitor vm)
    {
        if (_active.Find(transfer => transfer.Vm == vm) is { } transfer)
            transfer.Abandon(now);
    }

    /// <summary>
    /// The settings of a VM are others now: whether it has left for good, or goes on here, is for the scheme to know that it
    /// came through.
    /// </summary>
    /// <param name="isCompleted">The migration has completed.</param>
    public void Steered(SimTime now, VmMonitor vm, bool isCompleted)
    {
        if (!drive.HasSchemes || Find(vm) is not { HasScheme: true } transfer)
            return;
        if (transfer.HoldsVm && isCompleted)
        {
            transfer.Left(now);
        }
        else if (transfer.HoldsVm && !vm.IsHalted)
        {
            _ended.Remove(transfer);
            _active.Add(transfer);
            transfer.ComeBack(now);
        }
        else if (!vm.IsHalted)
        {
            transfer.VmResumed(now);
        }
    }

    // What the destination is made of nobody tells the source.
    public (bool Source, bool Destination) AreWorn => (drive.Options.Profile?.Wears ?? true, true);

    public IReadOnlyList<ISchemeVolume>? OpenVolumes(DirectTransfer transfer, bool needsLog)
    {
        var volumes = new List<ISchemeVolume>();
        foreach (Namespace ns in drive.NamespacesOf(transfer.Vm))
        {
            IUpdateStore? store = needsLog ? drive.CreateLog(ns) : null;
            if (needsLog && store is null or { HasFailed: true })
            {
                volumes.ForEach(volume => volume.Dispose());
                return null;
            }

            volumes.Add(new NamespaceFront(drive, ns, _targets[transfer.Vm].Caching, store));
        }

        drive.HasSchemes = true;
        return volumes;
    }

    /// <summary>The drive stands still, or has no power: what is logged stays logged.</summary>
    public void Abandon(SimTime now)
    {
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (!_active[i].HasScheme)
                _active[i].Abandon(now);
        }

        Dispose();
        _active.Clear();
        _ended.Clear();
        drive.HasSchemes = false;
    }

    public void Dispose()
    {
        _active.ForEach(transfer => transfer.Dispose());
        _ended.ForEach(transfer => transfer.Dispose());
    }

    private SimTime NextEventOfEnded
    {
        get
        {
            SimTime next = SimTime.Never;
            foreach (DirectTransfer transfer in _ended)
                next = SimTime.Min(next, transfer.NextEvent);
            return next;
        }
    }

    /// <summary>Commands that came through a scheme may outlast it.</summary>
    private void AdvanceEnded(SimTime now)
    {
        bool isAny = _active.Exists(transfer => transfer.HasScheme);
        foreach (DirectTransfer transfer in _ended)
        {
            if (!transfer.HasScheme)
                continue;
            transfer.Advance(now);
            transfer.TryForgetScheme();
            isAny |= transfer.HasScheme;
        }

        drive.HasSchemes = isAny;
    }
}
