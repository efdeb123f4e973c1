using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Emulator.Migration;
using Emulator.Tcp;
using Emulator.UnitTests.Host;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>
/// A source and a destination drive in a process each, with a proxy between them that can be cut, and the manager's
/// connections to both. The VM's host is the caller's.
/// </summary>
internal sealed class TransferPair : IDisposable
{
    public const string Subsystem = "nqn.2026-11.io.emulator:moved";
    public const string VmNqn = "nqn.2026-11.io.emulator:vm";
    public const string ManagerNqn = "nqn.2026-11.io.emulator:manager";

    private const int ReadBytes = 512 * 1024;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly bool _onFiles;
    private readonly string _namespaces;

    private TransferPair(bool onFiles, string namespaces)
    {
        _onFiles = onFiles;
        _namespaces = namespaces;
    }

    public EmulatorProcess Source { get; private set; } = null!;

    public EmulatorProcess Destination { get; private set; } = null!;

    public HostController Manager { get; private set; } = null!;

    public HostController ManagerThere { get; private set; } = null!;

    public CuttableProxy Proxy { get; } = new();

    public IPEndPoint SourceAddress { get; private set; } = null!;

    /// <summary>CNTLIDs of the VM's host; a drive on a file knows it again.</summary>
    public ushort Target { get; private set; }

    public ushort TargetThere { get; private set; }

    /// <param name="onFiles">The drives outlive their processes.</param>
    /// <param name="namespaces">Namespaces as the configuration has them.</param>
    public static async Task<TransferPair> Start(bool onFiles = false, string namespaces = """{ "size": "64MiB" }""")
    {
        var pair = new TransferPair(onFiles, namespaces);
        await pair.StartSource();
        await pair.StartDestination();
        using HostController vm = pair.ConnectVm();
        using HostController vmThere = Connect(pair.Proxy.Target!, VmNqn);
        (pair.Target, pair.TargetThere) = (vm.Id, vmThere.Id);
        return pair;
    }

    public async Task StartSource()
    {
        Source = new EmulatorProcess($"serve --config {Configuration("source", "1-255")}");
        SourceAddress = EmulatorProcess.Addresses(await Source.ReadUntilReady())[0];
        Manager = Connect(SourceAddress, ManagerNqn);
    }

    public async Task StartDestination()
    {
        Destination = new EmulatorProcess($"serve --config {Configuration("destination", "256-511")}");
        Proxy.Target = EmulatorProcess.Addresses(await Destination.ReadUntilReady())[0];
        ManagerThere = Connect(Proxy.Target, ManagerNqn);
    }

    public HostController ConnectVm(ICompletionSink? sink = null) => Connect(SourceAddress, VmNqn, sink);

    /// <summary>The VM where it has moved to.</summary>
    public HostController ConnectVmThere() => Connect(Proxy.Target!, VmNqn);

    public void KillSource()
    {
        Source.Kill();
        Manager.Dispose();
        Source.Dispose();
    }

    public void KillDestination()
    {
        Destination.Kill();
        ManagerThere.Dispose();
        Destination.Dispose();
    }

    public void SetSource(VmMigrationFlags flags) => Set(Manager, Target, flags);

    public void SetDestination(VmMigrationFlags flags) => Set(ManagerThere, TargetThere, flags);

    public DirectTransferRequest Request(DirectTransferMode mode)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)mode,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)AddressFamily.Ipv4,
            TargetThere = TargetThere,
            Flags = (uint)DirectTransferFlags.Activate,
        };
        TextField.WritePadded(request.Traddr, Proxy.EndPoint.Address.ToString());
        TextField.WritePadded(request.Trsvcid, Proxy.EndPoint.Port.ToString(CultureInfo.InvariantCulture));
        TextField.TryWriteTerminated(request.Subnqn, Subsystem);
        TextField.TryWriteTerminated(request.Hostnqn, ManagerNqn);
        return request;
    }

    public void StartTransfer(DirectTransferRequest request) => Manager.Succeed(
        "Direct Transfer Start",
        new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferStart, Cdw11 = (uint)Target << 16 },
        WireStruct.Bytes(ref request));

    /// <returns>False while commands that came through the scheme of the last transfer are under way.</returns>
    public bool TryStartTransfer(DirectTransferRequest request)
    {
        HostCompletion completion = Manager.Admin.Execute(
            new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferStart, Cdw11 = (uint)Target << 16 }, WireStruct.Bytes(ref request));
        Assert.True(completion.IsSuccess || completion.Status.Matches(Status.MigrationBusy), completion.Status.ToString());
        return completion.IsSuccess;
    }

    public ushort CreateSnapshot(uint nsid) => (ushort)Manager.Succeed(
        "Snapshot", new SubmissionEntry { Opcode = (byte)AdminOpcode.Snapshot, Nsid = nsid }).Dw0;

    public void Control(DirectTransferAction action) => Manager.Succeed(
        $"Direct Transfer Control {action}",
        new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferControl, Cdw10 = (uint)action, Cdw11 = (uint)Target << 16 });

    public DirectTransferProgress Progress()
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.DirectTransferProgress, page.Length);
        entry.Cdw11 |= (uint)Target << 16;
        Manager.Succeed("Get Log Page D8h", entry, page);
        return WireStruct.Read<DirectTransferProgress>(page);
    }

    /// <summary>Waits for a phase.</summary>
    public DirectTransferProgress WaitFor(params DirectTransferPhase[] phases)
    {
        DirectTransferProgress progress = default;
        TestTarget.Eventually(() => $"the transfer is {string.Join(" or ", phases)}; it is {Summary(progress)}", () =>
        {
            progress = Progress();
            var phase = (DirectTransferPhase)progress.Phase;
            Assert.True(
                phases.Contains(phase) || phase != DirectTransferPhase.Failed,
                $"{(DirectTransferReason)(ushort)progress.Reason}: {TextField.ReadPadded(progress.Text)}");
            return phases.Contains(phase);
        });
        return progress;
    }

    /// <summary>Waits until the transfer ends as it is meant to.</summary>
    public DirectTransferProgress WaitForEnd(DirectTransferPhase phase)
    {
        DirectTransferProgress progress = default;
        TestTarget.Eventually(() => $"the transfer is {phase}; it is {Summary(progress)}", () => (progress = Progress()).Phase >= (byte)DirectTransferPhase.Done
            && progress.Phase is not ((byte)DirectTransferPhase.Reconnecting or (byte)DirectTransferPhase.Restoring));
        Assert.Equal(phase, (DirectTransferPhase)progress.Phase);
        return progress;
    }

    private static string Summary(in DirectTransferProgress progress) =>
        $"{(DirectTransferPhase)progress.Phase} in round {progress.Round} after {progress.Microseconds / 1000} ms, of them "
        + $"{progress.YieldedMicroseconds / 1000} behind hosts and {progress.FirstPassMicroseconds / 1000} in the first pass; share "
        + $"{progress.SharePercent}%, {progress.BytesPerSecond >> 10} KiB/s, {progress.BytesToDo >> 10} KiB to do and {progress.BytesDirty >> 10} dirty";

    /// <summary>SHA-256 of a namespace as the manager reads it.</summary>
    public static string Digest(HostController host, uint nsid)
    {
        byte[] data = new byte[ReadBytes];
        host.Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, nsid), data.AsSpan(0, IdentifyNamespace.Size));
        IdentifyNamespace identity = WireStruct.Read<IdentifyNamespace>(data.AsSpan(0, IdentifyNamespace.Size));
        int shift = identity.Lbaf[identity.Flbas & 0xF].Lbads;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (ulong block = 0; block < identity.Nsze; block += (ulong)(ReadBytes >> shift))
        {
            HostCompletion read = host.IoQueues[0].Execute(HostCommands.Read(nsid, block, ReadBytes >> shift), data);
            Assert.True(read.IsSuccess, $"block {block}: {read.Status}");
            hash.AppendData(data);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void AssertSame(params uint[] nsids)
    {
        foreach (uint nsid in nsids)
            Assert.Equal(Digest(Manager, nsid), Digest(ManagerThere, nsid));
    }

    /// <summary>
    /// The destination tells what the source does. How they are connected to is their own, and so are their clocks and what
    /// is in their caches.
    /// </summary>
    public void AssertSameState()
    {
        StateContainer expected = ReadState(Manager, Target);
        StateContainer actual = ReadState(ManagerThere, TargetThere);
        Assert.Equal(expected.Sections, actual.Sections);
        SortedDictionary<StateAttributeId, string> told = Comparable(expected);
        SortedDictionary<StateAttributeId, string> toldThere = Comparable(actual);
        string[] differences =
        [
            .. told.Keys.Union(toldThere.Keys)
                .Where(id => told.GetValueOrDefault(id) != toldThere.GetValueOrDefault(id))
                .Select(id => $"{id}: {told.GetValueOrDefault(id)} here, {toldThere.GetValueOrDefault(id)} there"),
        ];
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }

    public void Dispose()
    {
        Source.Dispose();
        Destination.Dispose();
        Manager.Dispose();
        ManagerThere.Dispose();
        Proxy.Dispose();
        _directory.Delete(recursive: true);
    }

    private static HostController Connect(IPEndPoint address, string nqn, ICompletionSink? sink = null) => HostController.ConnectWithQueues(new HostOptions
    {
        EndPoint = address,
        SubsystemNqn = Subsystem,
        HostNqn = nqn,
        Timeout = TestTarget.Patience,
        IoDepth = 31,
        IoBufferBytes = ReadBytes,
    }, sink: sink);

    private static void Set(HostController manager, ushort target, VmMigrationFlags flags)
    {
        SubmissionEntry entry = HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags | ((uint)target << 16));
        entry.Cdw12 = VendorCommandSet.KeepThreshold;
        manager.Succeed("Set Features D0h", entry);
    }

    private static StateContainer ReadState(HostController manager, ushort target)
    {
        const int piece = 32 * 1024;
        byte[] page = new byte[ReadBytes];
        for (int offset = 0; offset < page.Length; offset += piece)
        {
            SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmStorageState, piece, (ulong)offset);
            entry.Cdw11 |= (uint)target << 16;
            HostCompletion read = manager.Admin.Execute(entry, page.AsSpan(offset, piece));
            Assert.True(read.IsSuccess || (offset > 0 && read.Status.Matches(Status.InvalidField)), read.Status.ToString());
            if (!read.IsSuccess)
                break;
        }

        int length = (int)(ulong)WireStruct.Read<StateContainerHeader>(page.AsSpan(0, StateContainerHeader.Size)).TotalBytes;
        StateContainer? state = StateContainer.Read(page.AsMemory(0, length), out string problem);
        Assert.True(state != null, problem);
        return state;
    }

    private static SortedDictionary<StateAttributeId, string> Comparable(StateContainer state)
    {
        var attributes = new SortedDictionary<StateAttributeId, string>();
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in state.Attributes)
        {
            bool isOwn = id == new StateAttributeId(InterfaceAttribute.Registers, 0)
                || id == new StateAttributeId(InterfaceAttribute.FeatureData, (ulong)FeatureId.Timestamp)
                || (id.Section == StateSectionType.Translation && id.Type == (ushort)TranslationAttribute.Cached);
            if (!isOwn && id.Section != StateSectionType.Transport)
                attributes.Add(id, Convert.ToHexString(value.Span));
        }

        return attributes;
    }

    private string Configuration(string name, string controllerIds)
    {
        string file = Path.Combine(_directory.FullName, name + ".json");
        string medium = _onFiles ? $"\"medium\": \"{Path.Combine(_directory.FullName, name + ".img")}\"," : "";
        string secretFile = Path.Combine(_directory.FullName, "secret");
        File.WriteAllText(secretFile, "what both drives know and nobody else");
        string secret = _namespaces.Contains("encryption", StringComparison.Ordinal) ? $"\"secret\": {{ \"file\": \"{secretFile}\" }}," : "";
        File.WriteAllText(file, $$"""
            {
              "drives": [{
                "subsystem": "{{Subsystem}}", "serial": "{{name}}", "size": "128MiB", "controllerIds": "{{controllerIds}}",
                {{medium}} {{secret}} "managers": ["{{ManagerNqn}}"], "namespaces": [{{_namespaces}}]
              }],
              "listeners": [{ "port": 0 }],
              "log": { "file": "none" }
            }
            """);
        return file;
    }
}
