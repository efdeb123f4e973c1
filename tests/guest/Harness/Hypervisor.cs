using System.Globalization;
using System.Net;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.GuestTests.Harness;

/// <summary>
/// The host under the guest, which is the manager of its drives: it steers a migration from outside, as the guest cannot.
/// </summary>
internal sealed class Hypervisor(DriveProcess source, DriveProcess destination) : IDisposable
{
    public const string Nqn = "nqn.2026-11.io.emulator:hypervisor";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostController _source = Connect(source);
    private readonly HostController _destination = Connect(destination);

    public void SetSource(VmMigrationFlags flags, ushort target) => Set(_source, flags, target);

    public void SetDestination(VmMigrationFlags flags, ushort target) => Set(_destination, flags, target);

    /// <summary>Has the source move the VM's data and state to the destination, and waits until little is left.</summary>
    public void Transfer(ushort target, ushort targetThere)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)DirectTransferMode.WrittenRanges,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)AddressFamily.Ipv4,
            TargetThere = targetThere,
        };
        TextField.WritePadded(request.Traddr, "127.0.0.1");
        TextField.WritePadded(request.Trsvcid, destination.Port.ToString(CultureInfo.InvariantCulture));
        TextField.TryWriteTerminated(request.Subnqn, DriveProcess.Nqn);
        TextField.TryWriteTerminated(request.Hostnqn, Nqn);
        _source.Succeed("Direct Transfer Start", Command(AdminOpcode.DirectTransferStart, target), WireStruct.Bytes(ref request));
        WaitFor(DirectTransferPhase.Converged, target);
    }

    /// <summary>The VM is halted: the last of it is sent.</summary>
    public void Finish(ushort target)
    {
        SubmissionEntry finish = Command(AdminOpcode.DirectTransferControl, target);
        finish.Cdw10 = (uint)DirectTransferAction.Finish;
        _source.Succeed("Direct Transfer Control", finish);
        WaitFor(DirectTransferPhase.Done, target);
    }

    public void Dispose()
    {
        _source.Dispose();
        _destination.Dispose();
    }

    private static HostController Connect(DriveProcess drive) => HostController.ConnectWithQueues(new HostOptions
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, drive.Port),
        SubsystemNqn = DriveProcess.Nqn,
        HostNqn = Nqn,
        HostId = 99,
        Timeout = Patience,
    });

    private static SubmissionEntry Command(AdminOpcode opcode, ushort target) =>
        new() { Opcode = (byte)opcode, Cdw11 = (uint)target << 16 };

    private static void Set(HostController drive, VmMigrationFlags flags, ushort target)
    {
        SubmissionEntry entry = HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags | ((uint)target << 16));
        entry.Cdw12 = VendorCommandSet.KeepThreshold;
        drive.Succeed("Set Features D0h", entry);
    }

    private void WaitFor(DirectTransferPhase phase, ushort target)
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        DateTime deadline = DateTime.UtcNow + Patience;
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.DirectTransferProgress, page.Length);
        entry.Cdw11 |= (uint)target << 16;
        while (true)
        {
            _source.Succeed("Get Log Page D8h", entry, page);
            DirectTransferProgress progress = WireStruct.Read<DirectTransferProgress>(page);
            if (progress.Phase == (byte)phase)
                return;
            Assert.True(
                DateTime.UtcNow < deadline && (DirectTransferPhase)progress.Phase is not (DirectTransferPhase.Failed or DirectTransferPhase.Cancelled),
                $"{(DirectTransferPhase)progress.Phase} instead of {phase}: {TextField.ReadPadded(progress.Text)}");
            Thread.Sleep(20);
        }
    }
}
