using System.Net;
using Emulator.Core;
using Emulator.Device;

namespace Emulator.Tcp;

/// <summary>
/// An NVMe/TCP target: one reactor thread that owns the subsystems and serves them on every listener. From
/// <see cref="Start"/> to <see cref="Dispose"/> the subsystems belong to that thread; others reach them by
/// <see cref="Post"/>.
/// </summary>
public sealed class NvmeTcpTarget : IDisposable
{
    private readonly Listener[] _listeners;
    private readonly Reactor _reactor;
    private readonly Thread _thread;
    private bool _disposed;

    /// <exception cref="ListenException">An address is in use, or is not one of this machine.</exception>
    public NvmeTcpTarget(TargetOptions options, ITargetObserver observer)
    {
        _listeners = Listen(options.Listeners);
        _reactor = new Reactor(options, _listeners, observer);
        _thread = new Thread(_reactor.Run) { Name = "reactor", IsBackground = true };
    }

    /// <summary>Where it listens, with the ports that were given out.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _listeners.Select(listener => listener.Address)];

    /// <summary>
    /// Managed memory that the reactor allocated to execute commands, in bytes, as of when it last was idle: what
    /// connections are made of is not in it.
    /// </summary>
    public long AllocatedBytes => _reactor.AllocatedBytes;

    /// <summary>Bytes of data buffers that commands hold at the moment, of all connections.</summary>
    public long BufferBytesInUse => _reactor.Buffers.BytesInUse;

    /// <summary>The time of the reactor when it was stopped: the next that its subsystems may see.</summary>
    public SimTime StoppedAt => _reactor.Now;

    public void Start() => _thread.Start();

    /// <summary>Has something done on the reactor's thread, which owns the subsystems, between two commands.</summary>
    public void Post(Action<SimTime> action) => _reactor.Post(action);

    /// <summary>Has the reactor ask its subsystems what is due, as when a synchronisation of a medium is over; from any thread.</summary>
    public void Wake() => _reactor.Wake();

    /// <summary>Closes every connection and ends the thread. The subsystems remain.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _reactor.Stop();
        if (_thread.IsAlive)
            _thread.Join();
        _reactor.Dispose();
        foreach (Listener listener in _listeners)
            listener.Dispose();
    }

    private static Listener[] Listen(IReadOnlyList<IPEndPoint> addresses)
    {
        var listeners = new List<Listener>();
        try
        {
            foreach (IPEndPoint address in addresses)
                listeners.Add(new Listener(address));
        }
        catch
        {
            listeners.ForEach(listener => listener.Dispose());
            throw;
        }

        return [.. listeners];
    }
}
