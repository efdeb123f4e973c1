using System.Net;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// A target with drives behind it on a free port of the loopback address, in this process. Disposing it fails the test
/// if a drive stood still in the meantime.
/// </summary>
public class TestTarget : IDisposable
{
    /// <summary>Longest wait for anything: long enough for a loaded machine, since only failures wait for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PoweredDrive[] _drives;
    private readonly TestDoor _door;

    public TestTarget(params DriveOptions[] drives)
        : this(options => options, drives)
    {
    }

    /// <summary>One drive on a medium of the caller's, which outlives it.</summary>
    public TestTarget(Medium medium, DriveOptions options)
        : this(target => target, [new PoweredDrive(options, medium)])
    {
    }

    public TestTarget(Func<TargetOptions, TargetOptions> change, params DriveOptions[] drives)
        : this(change, [.. (drives.Length == 0 ? [SmallDrive] : drives).Select(options => new PoweredDrive(options))])
    {
    }

    private TestTarget(Func<TargetOptions, TargetOptions> change, PoweredDrive[] drives)
    {
        _drives = drives;
        _door = TestDoor.Open(change, drives, Observer);
    }

    /// <summary>Namespace 1 has 4096-byte blocks and 64 MiB, namespace 2 512-byte blocks and 16 MiB; 3 does not exist.</summary>
    public static DriveOptions SmallDrive => new()
    {
        CapacityBytes = 96 << 20,
        MaxTransferBytes = TestDoor.LongestTransferBytes,
        InCapsuleDataBytes = TestDoor.LongestInCapsuleBytes,
        Namespaces =
        [
            new NamespaceOptions { SizeBytes = 64 << 20, BlockBytes = 4096 },
            new NamespaceOptions { SizeBytes = 16 << 20, BlockBytes = 512 },
        ],
    };

    /// <summary>The target of the drive's own door.</summary>
    public NvmeTcpTarget Target => _door.Tcp;

    /// <summary>Data buffers that commands hold at the moment, as far as the door tells.</summary>
    public long BufferBytesInUse => TestDoor.IsSpdk ? 0 : Target.BufferBytesInUse;

    public RecordingObserver Observer { get; } = new();

    public IPEndPoint EndPoint => _door.EndPoint;

    /// <summary>The drive of now: when the power is cut, another one takes its place.</summary>
    public Drive Drive => _drives[0].Drive;

    public HostOptions Host => new()
    {
        EndPoint = EndPoint,
        SubsystemNqn = _drives[0].Nqn,
        Timeout = Patience,
        IoBufferBytes = _drives[0].MaxTransferBytes,
        IoDepth = 31,
    };

    /// <summary>An enabled controller without I/O queues.</summary>
    public HostController Connect(HostOptions? host = null)
    {
        HostController controller = HostController.Connect(host ?? Host);
        controller.Enable();
        return controller;
    }

    /// <summary>An enabled controller with one I/O queue, which is the result; disposing the controller closes it too.</summary>
    public HostController Connect(out HostQueue queue, HostOptions? host = null)
    {
        HostController controller = Connect(host);
        queue = ConnectIoQueue(controller);
        return controller;
    }

    /// <summary>Connects the next I/O queue.</summary>
    public HostQueue ConnectIoQueue(HostController controller, ICompletionSink? sink = null)
    {
        HostQueueOptions options = controller.IoQueueOptions((ushort)(controller.IoQueues.Count + 1));
        return controller.ConnectIoQueue(options with { InCapsuleDataBytes = Drive.Options.InCapsuleDataBytes }, sink);
    }

    /// <summary>A connection that is initialized and connects nothing yet.</summary>
    public RawHost OpenRaw(PduDigests digests = PduDigests.None)
    {
        var raw = new RawHost(EndPoint, Drive.Nqn, digests);
        raw.Initialize();
        return raw;
    }

    /// <summary>A connection that is the admin queue of an enabled controller.</summary>
    public RawHost ConnectRaw(PduDigests digests = PduDigests.None)
    {
        RawHost raw = OpenRaw(digests);
        raw.ConnectAdmin();
        raw.Enable();
        return raw;
    }

    /// <summary>A connection that is I/O queue 1 of an enabled controller, whose admin queue is <paramref name="admin"/>.</summary>
    public RawHost ConnectRaw(out RawHost admin, PduDigests digests = PduDigests.None)
    {
        admin = ConnectRaw(digests);
        RawHost raw = OpenRaw(digests);
        raw.ConnectIo(admin.ControllerId, 1);
        return raw;
    }

    /// <summary>Connects a new host and writes and reads a block: the target is alive and well.</summary>
    public void AssertServes()
    {
        using HostController controller = Connect(out HostQueue queue, Host with { HostNqn = "nqn.2026-11.io.emulator:bystander" });
        new Bystander(queue).AssertUndisturbed();
    }

    /// <summary>Has something done on the thread that owns the drives, and waits for it.</summary>
    public T OnReactor<T>(Func<T> function) => OnReactor(_ => function());

    /// <summary>The same for something that needs the time of the drives.</summary>
    public T OnReactor<T>(Func<SimTime, T> function)
    {
        var done = new TaskCompletionSource<T>();
        _door.Post(now => done.SetResult(function(now)));
        Assert.True(done.Task.Wait(Patience), "the reactor does not answer");
        return done.Task.Result;
    }

    /// <summary>Polls until a condition holds.</summary>
    public static void Eventually(string what, Func<bool> condition) => Eventually(() => what, condition);

    /// <param name="what">Tells what has not come true, and how things stand.</param>
    public static void Eventually(Func<string> what, Func<bool> condition)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed >= Patience)
                Assert.Fail($"in vain waited until {what()}");
            Thread.Sleep(2);
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        foreach (PoweredDrive drive in _drives)
            drive.Dispose();
        GC.SuppressFinalize(this);
        Assert.Empty(Observer.Faults);
    }
}

/// <summary>The default target, shared by the tests of a class.</summary>
public sealed class TargetFixture : TestTarget;
