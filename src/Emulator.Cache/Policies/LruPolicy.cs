namespace Emulator.Cache;

/// <summary>The line goes that was not used for longest; a favoured one is passed over once.</summary>
internal sealed class LruPolicy(LineTable lines) : ReplacementPolicy
{
    private readonly LineList _byUse = new(lines);

    public override void Add(int line)
    {
        lines[line].Flags &= ~LineFlags.PolicyMask;
        _byUse.AddFirst(line);
    }

    public override void Use(int line)
    {
        if (_byUse.First == line)
            return;
        lines[line].Flags &= ~LineFlags.Spared;
        _byUse.Remove(line);
        _byUse.AddFirst(line);
    }

    public override void Remove(int line) => _byUse.Remove(line);

    public override int Evict()
    {
        while (_byUse.Last != CacheLine.None)
        {
            int line = _byUse.Last;
            _byUse.Remove(line);
            ref CacheLine last = ref lines[line];
            if (!last.Has(LineFlags.Favoured) || last.Has(LineFlags.Spared))
                return line;
            last.Flags |= LineFlags.Spared;
            _byUse.AddFirst(line);
        }

        return CacheLine.None;
    }
}
