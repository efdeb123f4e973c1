namespace Emulator.Core;

/// <summary>
/// A binary heap of things that are due at a time. Equal times come out in the order in which they went in, so that a
/// run does not depend on the heap's shape. Capacity is fixed when the queue is built: nothing is allocated later.
/// </summary>
/// <typeparam name="T">What is due; a small value, since it is moved about.</typeparam>
public sealed class EventQueue<T>(int capacity)
{
    private readonly (long Due, long Order, T Item)[] _heap = new (long, long, T)[capacity];
    private long _order;

    public int Count { get; private set; }

    public int Capacity => _heap.Length;

    /// <summary>When the next item is due; <see cref="SimTime.Never"/> when there is none.</summary>
    public SimTime NextDue => Count == 0 ? SimTime.Never : new SimTime(_heap[0].Due);

    public void Add(SimTime due, T item)
    {
        Check.That(Count < _heap.Length);
        int index = Count++;
        var entry = (due.Nanoseconds, _order++, item);
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (!Before(entry, _heap[parent]))
                break;
            _heap[index] = _heap[parent];
            index = parent;
        }

        _heap[index] = entry;
    }

    /// <summary>Takes the first item if it is due at <paramref name="now"/>.</summary>
    public bool TryTake(SimTime now, out T item)
    {
        if (Count == 0 || _heap[0].Due > now.Nanoseconds)
        {
            item = default!;
            return false;
        }

        item = _heap[0].Item;
        var last = _heap[--Count];
        _heap[Count] = default;
        if (Count > 0)
            SiftDown(last);
        return true;
    }

    public void Clear()
    {
        Array.Clear(_heap, 0, Count);
        Count = 0;
    }

    private void SiftDown((long Due, long Order, T Item) entry)
    {
        int index = 0;
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && Before(_heap[child + 1], _heap[child]))
                child++;
            if (!Before(_heap[child], entry))
                break;
            _heap[index] = _heap[child];
            index = child;
        }

        _heap[index] = entry;
    }

    private static bool Before(in (long Due, long Order, T Item) a, in (long Due, long Order, T Item) b) =>
        a.Due < b.Due || (a.Due == b.Due && a.Order < b.Order);
}
