using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Simulation;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>
/// Two drives of one subsystem and a link between them, in virtual time: a VM's host on the source, a manager on both, and
/// the VM's second path on the destination, which gives it a CNTLID there.
/// </summary>
internal sealed class TransferRig : ISubsystem, IDisposable
{
    public const string VmNqn = "nqn.2026-11.io.emulator:vm";
    public const string ManagerNqn = "nqn.2026-11.io.emulator:manager";
    public const int BlockBytes = 4096;

    private const string Subsystem = "nqn.2026-11.io.emulator:moved";

    private readonly PoweredDrive _there;
    private readonly MemoryMedium? _medium;

    public TransferRig(
        Func<DriveOptions, DriveOptions>? changeSource = null,
        Func<DriveOptions, DriveOptions>? changeDestination = null,
        long linkBytesPerSecond = 1_000_000_000,
        long latencyMicroseconds = 20,
        bool destinationSurvives = false)
    {
        var options = new DriveOptions
        {
            SubsystemNqn = Subsystem,
            CapacityBytes = 16 << 20,
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 2 << 20, BlockBytes = 512 }],
            Managers = [ManagerNqn],
        };
        Link = new SimulatedLink(linkBytesPerSecond, SimDuration.FromMicroseconds(latencyMicroseconds));
        DriveOptions there = options with { SerialNumber = "DESTINATION", FirstControllerId = 0x100, LastControllerId = 0x1FF };
        there = (changeDestination ?? Same)(there);
        _medium = destinationSurvives ? DrivePersistenceTests.MediumFor(there) : null;
        _there = new PoweredDrive(there, _medium);
        Connector = new SimulatedPeerConnector(_there, Link);
        Source = new Drive((changeSource ?? Same)(options) with { Peers = Connector });
        Vm = TestHost.Connect(Source, Clock, VmNqn);
        Manager = TestHost.Connect(Source, Clock, ManagerNqn, hostId: 2);
        VmThere = TestHost.Connect(_there, Clock, VmNqn);
        ManagerThere = TestHost.Connect(_there, Clock, ManagerNqn, hostId: 2);
    }

    public TestClock Clock { get; } = new();

    public SimulatedLink Link { get; }

    public SimulatedPeerConnector Connector { get; }

    public Drive Source { get; }

    /// <summary>Another one after its power was cut.</summary>
    public Drive Destination => _there.Drive;

    public TestHost Vm { get; }

    public TestHost Manager { get; }

    public TestHost VmThere { get; }

    public TestHost ManagerThere { get; }

    public ushort Target => Vm.ControllerId;

    public ushort TargetThere => VmThere.ControllerId;

    public string Nqn => Subsystem;

    public int MaxTransferBytes => Source.MaxTransferBytes;

    public int InCapsuleDataBytes => Source.InCapsuleDataBytes;

    public SimTime NextEvent => SimTime.Min(Source.NextEvent, _there.NextEvent);

    public DirectTransferProgress Progress => WireStruct.Read<DirectTransferProgress>(Manager.GetLog(
        LogPageId.DirectTransferProgress, DirectTransferProgress.Size, specificIdentifier: Target));

    public DirectTransferPhase Phase => (DirectTransferPhase)Progress.Phase;

    public DirectTransferReason Reason => (DirectTransferReason)(ushort)Progress.Reason;

    public string Text
    {
        get
        {
            DirectTransferProgress progress = Progress;
            return TextField.ReadPadded(progress.Text);
        }
    }

    /// <summary>Both ends active, as a hypervisor leaves them before it starts a transfer.</summary>
    public void Activate()
    {
        Manager.SetMigration(VmMigrationFlags.Active, target: Target);
        ManagerThere.SetMigration(VmMigrationFlags.Active | VmMigrationFlags.Destination, target: TargetThere);
    }

    public DirectTransferRequest Request(DirectTransferMode mode = DirectTransferMode.WholeCapacity)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)mode,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)AddressFamily.Ipv4,
            TargetThere = TargetThere,
        };
        TextField.WritePadded(request.Traddr, "192.0.2.1");
        TextField.WritePadded(request.Trsvcid, "4420");
        TextField.TryWriteTerminated(request.Subnqn, Subsystem);
        TextField.TryWriteTerminated(request.Hostnqn, ManagerNqn);
        return request;
    }

    /// <summary>
    /// The power of the destination is gone for a moment. The hypervisor connects anew and says again what is to come.
    /// </summary>
    public void CutPowerThere()
    {
        TestHost.AssertStatus(
            Status.Success, ManagerThere.Admin(AdminOpcode.Fault, cdw10: (uint)FaultKind.PowerCut << 8, cdw13: 1));
        Run(SimDuration.FromMicroseconds(2));
        VmThere.Reconnect();
        ManagerThere.Reconnect();
        ManagerThere.SetMigration(VmMigrationFlags.Active | VmMigrationFlags.Destination, target: TargetThere);
    }

    public CommandOutcome TryStart(DirectTransferRequest request) =>
        Manager.Admin(AdminOpcode.DirectTransferStart, WireStruct.Bytes(ref request), cdw11: (uint)Target << 16);

    public void Start(DirectTransferRequest request) => TestHost.AssertStatus(Status.Success, TryStart(request));

    public CommandOutcome Control(DirectTransferAction action) =>
        Manager.Admin(AdminOpcode.DirectTransferControl, cdw10: (uint)action, cdw11: (uint)Target << 16);

    /// <summary>The VM is paused, and the transfer told that it is.</summary>
    public void HaltAndFinish()
    {
        Manager.SetMigration(VmMigrationFlags.Active | VmMigrationFlags.Halted, target: Target);
        TestHost.AssertStatus(Status.Success, Control(DirectTransferAction.Finish));
    }

    public void Run(SimDuration duration) => Clock.Advance(this, duration);

    /// <summary>Lets time pass until the transfer is in a phase.</summary>
    public void RunUntil(params DirectTransferPhase[] phases)
    {
        for (int i = 0; i < 100_000 && !phases.Contains(Phase); i++)
            Run(SimDuration.FromMilliseconds(1));
        Assert.True(phases.Contains(Phase), $"{Phase}: {Reason}, {Text}");
    }

    public void Advance(SimTime now)
    {
        if (now >= Source.NextEvent)
            Source.Advance(now);
        if (now >= _there.NextEvent)
            _there.Advance(now);
    }

    public ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint) =>
        throw new NotSupportedException();

    public void Fault(SimTime now) => throw new NotSupportedException();

    /// <summary>Everything in a namespace.</summary>
    public byte[] Contents(Drive drive, uint nsid)
    {
        Namespace ns = drive.Namespaces.Find(nsid)!;
        byte[] contents = new byte[ns.Bytes];
        Assert.True(ns.Read(Clock.Now, new BlockRange(0, ns.BlockCount), contents).IsSuccess);
        return contents;
    }

    public void AssertSame(string message = "")
    {
        foreach (uint nsid in (uint[])[1, 2])
        {
            int differs = Contents(Source, nsid).AsSpan().CommonPrefixLength(Contents(Destination, nsid));
            Assert.True(differs == (int)Source.Namespaces.Find(nsid)!.Bytes, $"namespace {nsid} differs from byte {differs} on; {message}");
        }
    }

    public void Dispose()
    {
        Source.Dispose();
        _there.Dispose();
        _medium?.Dispose();
    }

    private static DriveOptions Same(DriveOptions options) => options;
}
