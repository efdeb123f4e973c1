using System.Diagnostics;
using System.Net.Sockets;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// A drive as this process moves data from or to it: an admin queue for lists and states, I/O queues for data. It is lost as a
/// whole, when any of them breaks or is silent though it was asked.
/// </summary>
internal sealed class MoverLink : IDisposable
{
    private const int SmallestPageBytes = 4096;
    private const int LongestMdts = 16;

    /// <summary>Of an answer that data, or a VM, waits for.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>The drive forgets a connection whose process is gone with its machine after this.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    private readonly DriveClient _drive;
    private readonly HostController _host;
    private int _nextQueue;
    private int _statusSlot = -1;
    private long _statusAsked;
    private long _heard = Stopwatch.GetTimestamp();

    private MoverLink(DriveClient drive, HostController host) => (_drive, _host) = (drive, host);

    /// <summary>CNTLID of the connection.</summary>
    public ushort Id => _host.Id;

    public IReadOnlyList<HostQueue> Queues => _host.IoQueues;

    /// <summary>The longest transfer in bytes.</summary>
    public int MostBytes =>
        _host.Identity.Mdts is 0 or > LongestMdts ? int.MaxValue : SmallestPageBytes << _host.Identity.Mdts;

    /// <summary>It has a volatile write cache.</summary>
    public bool IsVolatile => (_host.Identity.Vwc & 1) != 0;

    /// <summary>Least time that the drive took to tell the VM's status, which is that of the network and little more.</summary>
    public TimeSpan LeastRoundTrip { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Connects once.</summary>
    /// <param name="drive">Where, and as whom.</param>
    /// <param name="shape">Queues, and commands and bytes of each.</param>
    /// <param name="sink">Takes completions of the I/O queues.</param>
    /// <exception cref="LinkLostException">There is nobody.</exception>
    public static MoverLink Connect(DriveClient drive, MoverShape shape, ICompletionSink sink)
    {
        try
        {
            HostOptions options = drive.Host with
            {
                IoDepth = shape.Depth,
                IoBufferBytes = shape.CommandBytes,
                KeepAliveTimeout = KeepAlive,
                ResetsOnClose = true,
                Timeout = Silence,
            };
            return new MoverLink(drive, HostController.ConnectWithQueues(options, shape.Queues, sink));
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException or SocketException or IOException)
        {
            throw new LinkLostException($"cannot connect to the {drive.Role} drive: {e.Message}");
        }
    }

    public void Dispose() => _host.Dispose();

    /// <summary>Sends and receives.</summary>
    /// <returns>Commands of the I/O queues that completed.</returns>
    /// <exception cref="LinkLostException">The connection is lost.</exception>
    public int Poll()
    {
        int completed = 0;
        bool isAsked = false;
        foreach (HostQueue queue in _host.IoQueues)
        {
            completed += queue.Poll();
            ThrowIfGone(queue);
            isAsked |= queue.Outstanding > 0;
        }

        if (completed > 0 || !isAsked)
            _heard = Stopwatch.GetTimestamp();
        else if (Stopwatch.GetElapsedTime(_heard) > Silence)
            throw new LinkLostException($"the {_drive.Role} drive says nothing for {Silence.TotalSeconds:F0} s");
        return completed;
    }

    /// <summary>Takes a slot of a queue, each in turn.</summary>
    public bool TryAcquire(out HostQueue queue, out int slot)
    {
        for (int i = 0; i < Queues.Count; i++)
        {
            queue = Queues[_nextQueue];
            _nextQueue = _nextQueue + 1 == Queues.Count ? 0 : _nextQueue + 1;
            if (queue.TryAcquire(out slot))
                return true;
        }

        (queue, slot) = (Queues[0], -1);
        return false;
    }

    /// <summary>Executes an admin command, once.</summary>
    /// <exception cref="LinkLostException">Whether it was done is not known.</exception>
    public HostCompletion Execute(in SubmissionEntry entry, Span<byte> data = default)
    {
        try
        {
            HostCompletion completion = _host.Admin.Execute(entry, data);
            ThrowIfGone(_host.Admin);
            return completion;
        }
        catch (TimeoutException e)
        {
            throw new LinkLostException($"the {_drive.Role} drive does not answer: {e.Message}");
        }
    }

    /// <exception cref="MigrateException">The drive refuses it.</exception>
    public HostCompletion Succeed(string what, in SubmissionEntry entry, Span<byte> data = default)
    {
        HostCompletion completion = Execute(entry, data);
        return completion.IsSuccess ? completion : throw new MigrateException($"the {_drive.Role} drive refuses {what}: {completion.Status}");
    }

    /// <summary>Begins an admin command whose answer <see cref="Wait"/> takes.</summary>
    /// <param name="bytes">Of data that it returns.</param>
    public int Begin(in SubmissionEntry entry, int bytes) => _host.Admin.Begin(entry, new byte[bytes]);

    public bool IsDone(int slot)
    {
        _host.Admin.Poll();
        ThrowIfGone(_host.Admin);
        return _host.Admin.IsDone(slot);
    }

    public HostCompletion Wait(int slot, Span<byte> data) => _host.Admin.Wait(slot, data);

    /// <summary>Log page D0h of a VM.</summary>
    public VmMigrationStatus Status(ushort vm)
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        Succeed("Get Log Page D0h", StatusEntry(vm), page);
        return WireStruct.Read<VmMigrationStatus>(page);
    }

    /// <summary>Keeps the connection; to be called now and then, whatever else is sent.</summary>
    public void StayAlive()
    {
        try
        {
            _host.KeepAliveIfDue();
        }
        catch (Exception e) when (e is HostCommandException or TimeoutException)
        {
            throw new LinkLostException($"the {_drive.Role} drive does not answer: {e.Message}");
        }
    }

    /// <summary>Asks for log page D0h without waiting for it.</summary>
    public void AskStatus(ushort vm)
    {
        if (_statusSlot >= 0)
            return;
        _statusAsked = Stopwatch.GetTimestamp();
        _statusSlot = Begin(StatusEntry(vm), VmMigrationStatus.Size);
    }

    /// <summary>What it answered, once it has.</summary>
    public bool TryTakeStatus(out VmMigrationStatus status)
    {
        status = default;
        if (_statusSlot < 0)
            return false;
        if (!IsDone(_statusSlot))
        {
            return Stopwatch.GetElapsedTime(_statusAsked) < Silence
                ? false
                : throw new LinkLostException($"the {_drive.Role} drive does not answer");
        }

        TimeSpan took = Stopwatch.GetElapsedTime(_statusAsked);
        byte[] page = new byte[VmMigrationStatus.Size];
        HostCompletion completion = Wait(_statusSlot, page);
        _statusSlot = -1;
        if (!completion.IsSuccess)
            throw new MigrateException($"the {_drive.Role} drive refuses Get Log Page D0h: {completion.Status}");
        LeastRoundTrip = took < LeastRoundTrip ? took : LeastRoundTrip;
        status = WireStruct.Read<VmMigrationStatus>(page);
        return true;
    }

    private static SubmissionEntry StatusEntry(ushort vm)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmMigrationStatus, VmMigrationStatus.Size);
        entry.Cdw11 |= (uint)vm << 16;
        return entry;
    }

    private void ThrowIfGone(HostQueue queue)
    {
        if (!queue.IsConnected)
            throw new LinkLostException($"the connection to the {_drive.Role} drive is lost: {queue.Failure}");
    }
}
