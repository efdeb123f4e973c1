namespace Emulator.Ftl.Superblocks;

/// <summary>
/// The free superblocks, least erased first: a binary heap of erase counts and, among equals, of numbers, so that two
/// runs take the same one.
/// </summary>
internal sealed class FreeSuperblocks(int capacity)
{
    private readonly ulong[] _keys = new ulong[capacity];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Add(int superblock, int eraseCount)
    {
        ulong key = ((ulong)(uint)eraseCount << 32) | (uint)superblock;
        int place = Count++;
        for (int parent; place > 0 && _keys[parent = (place - 1) / 2] > key; place = parent)
            _keys[place] = _keys[parent];
        _keys[place] = key;
    }

    /// <summary>Takes the one that was erased the fewest times; there is at least one.</summary>
    public int TakeLeastWorn() => TakeAt(0);

    /// <summary>Takes the one that was erased the most times; there is at least one.</summary>
    public int TakeMostWorn()
    {
        int most = 0;
        for (int i = 1; i < Count; i++)
        {
            if (_keys[i] > _keys[most])
                most = i;
        }

        return TakeAt(most);
    }

    private int TakeAt(int place)
    {
        int taken = (int)(uint)_keys[place];
        ulong last = _keys[--Count];
        if (place == Count)
            return taken;

        for (int parent; place > 0 && _keys[parent = (place - 1) / 2] > last; place = parent)
            _keys[place] = _keys[parent];
        for (int child; (child = (2 * place) + 1) < Count; place = child)
        {
            if (child + 1 < Count && _keys[child + 1] < _keys[child])
                child++;
            if (_keys[child] >= last)
                break;
            _keys[place] = _keys[child];
        }

        _keys[place] = last;
        return taken;
    }
}
