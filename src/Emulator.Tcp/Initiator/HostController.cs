using System.Diagnostics;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// A host's association with one controller: the admin queue, and what a host does with it before it has I/O queues
/// (Base 2.1, 3.5.1). Synchronous; belongs to one thread.
/// </summary>
public sealed class HostController : IDisposable
{
    private const int AdminInCapsuleBytes = 8192;

    private readonly List<HostQueue> _ioQueues = [];
    private int _ioInCapsuleBytes;
    private long _lastKeepAlive = Stopwatch.GetTimestamp();

    private HostController(HostOptions options, HostQueue admin)
    {
        Options = options;
        Admin = admin;
    }

    public HostOptions Options { get; }

    public HostQueue Admin { get; }

    /// <summary>CNTLID.</summary>
    public ushort Id => Admin.ControllerId;

    /// <summary>As read by <see cref="Identify"/>.</summary>
    public IdentifyController Identity { get; private set; }

    /// <summary>I/O queues connected so far.</summary>
    public IReadOnlyList<HostQueue> IoQueues => _ioQueues;

    /// <summary>Connects the admin queue, and nothing more.</summary>
    /// <param name="sink">For commands that are not waited for.</param>
    public static HostController Connect(HostOptions options, ICompletionSink? sink = null)
    {
        var queue = new HostQueueOptions
        {
            QueueId = 0,
            Depth = options.AdminDepth,
            BufferBytes = options.AdminBufferBytes,
            InCapsuleDataBytes = AdminInCapsuleBytes,
        };
        return new HostController(options, HostQueue.Connect(options, queue, sink));
    }

    /// <summary>Connects, enables and identifies the controller and connects I/O queues.</summary>
    /// <param name="ioQueues">Fewer are connected if the controller grants fewer.</param>
    /// <param name="sink">Takes the completions of all queues.</param>
    public static HostController ConnectWithQueues(HostOptions options, int ioQueues = 1, ICompletionSink? sink = null)
    {
        HostController controller = Connect(options, sink);
        try
        {
            controller.Enable();
            controller.Identify();
            int granted = Math.Min(ioQueues, controller.RequestQueues(ioQueues));
            for (int i = 0; i < granted; i++)
                controller.ConnectIoQueue(sink);
            return controller;
        }
        catch
        {
            controller.Dispose();
            throw;
        }
    }

    public ulong GetProperty(uint offset, bool wide = false) =>
        Succeed($"Property Get {offset:X}h", HostCommands.PropertyGet(offset, wide)).Entry.Dw0And1;

    public void SetProperty(uint offset, uint value) =>
        Succeed($"Property Set {offset:X}h", HostCommands.PropertySet(offset, value));

    public ControllerStatus Status => new((uint)GetProperty(ControllerProperty.Csts));

    /// <summary>Sets CC.EN and waits for CSTS.RDY.</summary>
    public void Enable()
    {
        SetConfiguration(new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4 });
        WaitForStatus("ready", status => status.Rdy);
    }

    /// <summary>Reads Identify Controller; what it says about capsules decides how I/O queues send their data.</summary>
    public void Identify()
    {
        byte[] data = new byte[IdentifyController.Size];
        Succeed("Identify Controller", HostCommands.Identify(IdentifyCns.Controller), data);
        Identity = WireStruct.Read<IdentifyController>(data);
        _ioInCapsuleBytes = (int)((Identity.Ioccsz * 16L) - SubmissionEntry.Size);
    }

    /// <summary>Clears CC.EN and waits until the controller is not ready: a controller reset.</summary>
    public void Disable()
    {
        SetConfiguration(new ControllerConfiguration { Iosqes = 6, Iocqes = 4 });
        WaitForStatus("reset", status => !status.Rdy);
    }

    /// <summary>Announces a normal shutdown and waits until it is complete.</summary>
    public void Shutdown()
    {
        SetConfiguration(new ControllerConfiguration
        {
            En = true,
            Iosqes = 6,
            Iocqes = 4,
            Shn = ShutdownNotification.Normal,
        });
        WaitForStatus("shut down", status => status.Shst == ShutdownStatus.Complete);
    }

    /// <summary>Asks for I/O queues (Set Features 07h).</summary>
    /// <returns>How many the controller grants.</returns>
    public int RequestQueues(int count)
    {
        uint zeroBased = (uint)(count - 1);
        uint granted = Succeed(
            "Set Features Number of Queues",
            HostCommands.SetFeatures(FeatureId.NumberOfQueues, zeroBased | (zeroBased << 16))).Dw0;
        return (int)Math.Min(granted & 0xFFFF, granted >> 16) + 1;
    }

    /// <summary>Connects the next I/O queue.</summary>
    public HostQueue ConnectIoQueue(ICompletionSink? sink = null) =>
        ConnectIoQueue(IoQueueOptions((ushort)(_ioQueues.Count + 1)), sink);

    /// <summary>Connects an I/O queue made to measure; it is closed with the association.</summary>
    public HostQueue ConnectIoQueue(HostQueueOptions options, ICompletionSink? sink = null)
    {
        HostQueue queue = HostQueue.Connect(Options, options, sink);
        _ioQueues.Add(queue);
        return queue;
    }

    /// <summary>What an I/O queue of this association is made with.</summary>
    public HostQueueOptions IoQueueOptions(ushort queueId) => new()
    {
        QueueId = queueId,
        ControllerId = Id,
        Depth = Options.IoDepth,
        BufferBytes = Options.IoBufferBytes,
        InCapsuleDataBytes = Math.Max(0, _ioInCapsuleBytes),
    };

    /// <summary>Sends a Keep Alive if half of the timeout is over; to be called now and then while nothing else is.</summary>
    public void KeepAliveIfDue()
    {
        if (Options.KeepAliveTimeout == TimeSpan.Zero
            || Stopwatch.GetElapsedTime(_lastKeepAlive) < Options.KeepAliveTimeout / 2)
            return;
        _lastKeepAlive = Stopwatch.GetTimestamp();
        Succeed("Keep Alive", HostCommands.KeepAlive());
    }

    /// <summary>Executes an admin command that has to succeed.</summary>
    /// <exception cref="HostCommandException">It did not.</exception>
    public HostCompletion Succeed(string what, in SubmissionEntry entry, Span<byte> data = default)
    {
        HostCompletion completion = Admin.Execute(entry, data);
        return completion.IsSuccess ? completion : throw new HostCommandException(what, completion);
    }

    /// <summary>Closes all connections without a word.</summary>
    public void Dispose()
    {
        foreach (HostQueue queue in _ioQueues)
            queue.Dispose();
        Admin.Dispose();
    }

    private void SetConfiguration(ControllerConfiguration configuration) =>
        SetProperty(ControllerProperty.Cc, configuration.Value);

    private void WaitForStatus(string what, Func<ControllerStatus, bool> reached)
    {
        long start = Stopwatch.GetTimestamp();
        for (ControllerStatus status = Status; !reached(status); status = Status)
        {
            if (status.Cfs)
                throw new HostConnectionException($"the controller has a fatal status instead of becoming {what}");
            if (Stopwatch.GetElapsedTime(start) > Options.Timeout)
                throw new TimeoutException($"the controller is not {what} in time");
            Thread.Sleep(1);
        }
    }
}
