using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// A drive as its manager uses it while a VM moves (specs/vendor-commands.md). A connection that is lost is made anew, for a
/// while, and the command is sent again: every command here may be carried out twice, or says itself that it was.
/// </summary>
internal sealed partial class DriveClient : IDisposable
{
    private const int MostAdminBytes = 64 * 1024;

    /// <summary>Shorter than the initiator's own, since a VM may be waiting.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly HostOptions _options;
    private HostController _host;

    /// <param name="role">How messages call it: source or destination.</param>
    /// <exception cref="MigrateException">There is no drive with such a subsystem.</exception>
    public DriveClient(string role, IPEndPoint endPoint, string subsystem, string manager)
    {
        Role = role;
        _options = new HostOptions
        {
            EndPoint = endPoint,
            SubsystemNqn = subsystem,
            HostNqn = manager,
            Timeout = AnswerTime,
            AdminBufferBytes = MostAdminBytes,
        };
        _host = Connect();
    }

    public string Role { get; }

    /// <summary>For how long a lost connection is tried anew.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Handle of the VM, once it is known.</summary>
    public ushort Vm { get; set; }

    /// <summary>Where it is and whom it is connected to as.</summary>
    public HostOptions Host => _options;

    /// <summary>CNTLID of this connection.</summary>
    public ushort Id => _host.Id;

    public IdentifyController Identity => _host.Identity;

    public VmasSupport Support => _host.Identity.Vmas;

    public VmasCapabilities Capabilities => (VmasCapabilities)(uint)Support.Capabilities;

    /// <summary>What a command took last, there and back.</summary>
    public TimeSpan RoundTrip { get; private set; }

    public void Dispose() => _host.Dispose();

    /// <summary>The CNTLID that a host gets: it names the VM from then on.</summary>
    public ushort IdOf(string hostNqn)
    {
        try
        {
            using HostController vm = HostController.Connect(_options with { HostNqn = hostNqn });
            return vm.Id;
        }
        catch (Exception e) when (IsConnectionProblem(e))
        {
            throw new MigrateException($"the {Role} drive does not let {hostNqn} in: {e.Message}", ExitCode.UserError);
        }
    }

    /// <summary>Log page D0h of the VM.</summary>
    public VmMigrationStatus Status()
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        Succeed("Get Log Page D0h", GetLog(LogPageId.VmMigrationStatus, page.Length, 0), page);
        return WireStruct.Read<VmMigrationStatus>(page);
    }

    /// <summary>Feature D0h; the threshold stays as it is.</summary>
    public void Steer(VmMigrationFlags flags) => Succeed($"Set Features D0h {flags}", SteerEntry(flags));

    /// <summary>Feature D3h.</summary>
    /// <param name="bytesPerSecond">That the VM may write; 0 lets it go.</param>
    /// <param name="lease">After which the drive lets it go by itself.</param>
    public Status LimitWrites(double bytesPerSecond, TimeSpan lease)
    {
        var units = (uint)Math.Min(Math.Ceiling(bytesPerSecond / VendorCommandSet.WriteLimitUnit), uint.MaxValue);
        SubmissionEntry entry = HostCommands.SetFeatures(FeatureId.VmWriteLimit, (uint)Vm << 16);
        (entry.Cdw12, entry.Cdw13) = (units, units == 0 ? 0 : (uint)lease.TotalMilliseconds);
        return Execute(entry, []).Status;
    }

    /// <summary>Feature D0h, whatever comes of it.</summary>
    public Status TrySteer(VmMigrationFlags flags) => Execute(SteerEntry(flags), []).Status;

    /// <summary>Command C4h. Sent twice over a connection that was lost it makes two snapshots.</summary>
    /// <returns>The identifier.</returns>
    public ushort TakeSnapshot(uint nsid) => (ushort)Succeed("Snapshot create", new SubmissionEntry
    {
        Opcode = (byte)AdminOpcode.Snapshot,
        Nsid = nsid,
        Cdw10 = (uint)SnapshotAction.Create,
    }).Dw0;

    /// <summary>The namespace that a snapshot is of.</summary>
    /// <exception cref="MigrateException">The VM's namespaces have no such snapshot.</exception>
    public uint NamespaceOfSnapshot(ushort snapshot)
    {
        byte[] page = new byte[MostAdminBytes];
        Succeed("Get Log Page D6h", GetLog(LogPageId.Snapshots, page.Length, 0), page);
        var entries = (int)Math.Min(WireStruct.Read<SnapshotListHeader>(page).Entries, (MostAdminBytes - SnapshotListHeader.Size) / SnapshotListEntry.Size);
        for (int i = 0; i < entries; i++)
        {
            SnapshotListEntry entry = WireStruct.Read<SnapshotListEntry>(page.AsSpan(SnapshotListHeader.Size + (i * SnapshotListEntry.Size)));
            if (entry.Id == snapshot)
                return entry.Nsid;
        }

        throw new MigrateException($"the {Role} drive has no snapshot {snapshot} of the VM");
    }

    /// <summary>NSIDs that are attached to the VM, or to this manager where that cannot be told.</summary>
    public IReadOnlyList<uint> Namespaces()
    {
        var own = new List<uint>();
        foreach (uint nsid in ReadNumbers(HostCommands.Identify(IdentifyCns.ActiveNamespaceList)))
        {
            if (Vm > VendorCommandSet.LastControllerTarget || AttachedControllers(nsid).Contains(Vm))
                own.Add(nsid);
        }

        return own;
    }

    public IdentifyNamespace Namespace(uint nsid)
    {
        byte[] page = new byte[IdentifyNamespace.Size];
        Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, nsid), page);
        return WireStruct.Read<IdentifyNamespace>(page);
    }

    /// <summary>Sends a command, on a new connection if need be.</summary>
    private HostCompletion Execute(in SubmissionEntry entry, Span<byte> data)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            long sent = Stopwatch.GetTimestamp();
            try
            {
                HostCompletion completion = _host.Admin.Execute(entry, data);
                if (!completion.Status.Matches(Wire.Status.CommandAbortedByHost))
                {
                    RoundTrip = Stopwatch.GetElapsedTime(sent);
                    return completion;
                }
            }
            catch (TimeoutException) when (Stopwatch.GetElapsedTime(started) < Patience)
            {
                // The drive may be gone without a word: only a new connection tells.
            }
            catch (Exception e) when (IsConnectionProblem(e))
            {
                throw new MigrateException($"the {Role} drive at {_options.EndPoint} does not answer: {e.Message}");
            }

            Reconnect(started);
        }
    }

    private void Reconnect(long since)
    {
        _host.Dispose();
        while (true)
        {
            try
            {
                _host = Connect();
                return;
            }
            catch (MigrateException) when (Stopwatch.GetElapsedTime(since) < Patience)
            {
                Thread.Sleep(RetryPause);
            }
        }
    }

    private HostController Connect()
    {
        try
        {
            HostController host = HostController.Connect(_options);
            try
            {
                host.Enable();
                host.Identify();
                return host;
            }
            catch
            {
                host.Dispose();
                throw;
            }
        }
        catch (Exception e) when (IsConnectionProblem(e))
        {
            throw new MigrateException($"cannot connect to the {Role} drive at {_options.EndPoint}: {e.Message}");
        }
    }

    private HostCompletion Succeed(string what, in SubmissionEntry entry, Span<byte> data = default)
    {
        HostCompletion completion = Execute(entry, data);
        return completion.IsSuccess
            ? completion
            : throw new MigrateException($"the {Role} drive refuses {what}: {completion.Status}");
    }

    private SubmissionEntry GetLog(LogPageId page, int bytes, ulong offset, byte parameter = 0)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(page, bytes, offset);
        entry.Cdw10 |= (uint)parameter << 8;
        entry.Cdw11 |= (uint)Vm << 16;
        return entry;
    }

    private SubmissionEntry SteerEntry(VmMigrationFlags flags)
    {
        SubmissionEntry entry = HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags | ((uint)Vm << 16));
        entry.Cdw12 = VendorCommandSet.KeepThreshold;
        return entry;
    }

    private List<uint> ReadNumbers(SubmissionEntry entry)
    {
        byte[] page = new byte[4096];
        Succeed("Identify Active Namespace List", entry, page);
        var numbers = new List<uint>();
        for (int at = 0; at < page.Length && BitConverter.ToUInt32(page, at) is not 0 and uint number; at += sizeof(uint))
            numbers.Add(number);
        return numbers;
    }

    private List<ushort> AttachedControllers(uint nsid)
    {
        byte[] page = new byte[4096];
        Succeed("Identify Controller List", HostCommands.Identify(IdentifyCns.NamespaceAttachedControllerList, nsid), page);
        int count = Math.Min(BitConverter.ToUInt16(page), (page.Length / sizeof(ushort)) - 1);
        return [.. Enumerable.Range(1, count).Select(i => BitConverter.ToUInt16(page, i * sizeof(ushort)))];
    }

    private static bool IsConnectionProblem(Exception e) =>
        e is HostConnectionException or HostCommandException or TimeoutException or SocketException or IOException;
}
