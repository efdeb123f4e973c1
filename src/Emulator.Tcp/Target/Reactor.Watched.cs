namespace Emulator.Tcp;

/// <summary>Something that is read on the thread of a reactor and is no connection of its own.</summary>
internal interface IWatched
{
    int FileDescriptor { get; }

    /// <summary>There is something to read, or the other side is gone.</summary>
    void BecameReadable();
}

/// <summary>What drives that the reactor owns read from others: it wakes for that, too.</summary>
internal sealed partial class Reactor
{
    private const ulong FirstWatchedToken = 3UL << 32;

    private readonly List<IWatched?> _watched = [];
    private int _watchedCount;

    /// <summary>The reactor that the present thread runs; null on any other.</summary>
    [field: ThreadStatic]
    public static Reactor? OfThisThread { get; private set; }

    public void Watch(IWatched watched)
    {
        int index = _watched.IndexOf(null);
        if (index < 0)
        {
            index = _watched.Count;
            _watched.Add(null);
        }

        _watched[index] = watched;
        _watchedCount++;
        Watch(watched.FileDescriptor, FirstWatchedToken + (ulong)index, Libc.EpollCtlAdd, Libc.EpollIn);
    }

    /// <summary>Its descriptor is about to be closed, which is all that the kernel has to know.</summary>
    public void Unwatch(IWatched watched)
    {
        int index = _watched.IndexOf(watched);
        if (index < 0)
            return;
        _watched[index] = null;
        _watchedCount--;
    }

    private bool HandleWatchedEvent(int index)
    {
        _watched[index]?.BecameReadable();
        return true;
    }
}
