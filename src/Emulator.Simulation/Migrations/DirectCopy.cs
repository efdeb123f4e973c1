using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Simulation.Migrations;

/// <summary>The source drive moves the VM by itself; the hypervisor starts it and looks how far it is.</summary>
internal sealed class DirectCopy(CopyParts parts) : IVmCopy
{
    private static readonly SimDuration Period = SimDuration.FromMicroseconds(100);

    private bool _isFinishing;
    private DirectTransferProgress _progress;

    public SimTime NextEvent { get; private set; } = SimTime.Never;

    public bool IsConverged { get; private set; }

    public bool IsDone { get; private set; }

    public long BytesMoved => (long)(ulong)_progress.BytesSent;

    public int Rounds => (int)(ulong)_progress.Round;

    public void Begin(SimTime now)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)((parts.Assist & MigrationAssist.WrittenRanges) != 0 ? DirectTransferMode.WrittenRanges : DirectTransferMode.WholeCapacity),
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)AddressFamily.Ipv4,
            TargetThere = parts.TargetThere,
            ConvergedBytes = (ulong)parts.Scenario.ConvergedBytes,
        };
        TextField.WritePadded(request.Traddr, "192.0.2.1");
        TextField.WritePadded(request.Trsvcid, "4420");
        TextField.TryWriteTerminated(request.Subnqn, parts.Scenario.Destination.SubsystemNqn);
        TextField.TryWriteTerminated(request.Hostnqn, MigrationRun.ManagerNqn);
        parts.Source.Command(now, AdminOpcode.DirectTransferStart, 0, WireStruct.Bytes(ref request));
        NextEvent = now + Period;
    }

    public void Advance(SimTime now)
    {
        if (now < NextEvent)
            return;
        NextEvent = now + Period;
        _progress = parts.Source.ReadProgress(now);
        var phase = (DirectTransferPhase)_progress.Phase;
        if (phase is DirectTransferPhase.Failed or DirectTransferPhase.Cancelled)
            Check.Fail($"the transfer ended: {TextField.ReadPadded(_progress.Text)}");
        IsConverged = phase == DirectTransferPhase.Converged || Rounds > parts.Scenario.MostRounds;
        IsDone = _isFinishing && phase == DirectTransferPhase.Done;
    }

    public void Finish(SimTime now)
    {
        _isFinishing = true;
        parts.Source.Command(now, AdminOpcode.DirectTransferControl, (uint)DirectTransferAction.Finish, []);
        NextEvent = now + Period;
    }

    public void Dispose()
    {
    }
}
