namespace Emulator.Cache;

/// <summary>
/// The hand passes lines in the order in which they came and takes the first that was not used since it passed last. A
/// favoured line has to be passed three times. Using a line costs no more than a store.
/// </summary>
internal sealed class ClockPolicy(LineTable lines) : ReplacementPolicy
{
    private readonly LineList _ahead = new(lines);

    public override void Add(int line)
    {
        ref CacheLine added = ref lines[line];
        added.Flags &= ~LineFlags.PolicyMask;
        if (added.Has(LineFlags.Used | LineFlags.Favoured))
            Use(line);
        _ahead.AddLast(line);
    }

    public override void Use(int line)
    {
        ref CacheLine used = ref lines[line];
        used.Heat = used.Has(LineFlags.Favoured) ? CacheLine.MostHeat : 1;
    }

    public override void Remove(int line) => _ahead.Remove(line);

    public override int Evict()
    {
        while (_ahead.First != CacheLine.None)
        {
            int line = _ahead.First;
            _ahead.Remove(line);
            if (lines[line].Heat == 0)
                return line;
            lines[line].Heat--;
            _ahead.AddLast(line);
        }

        return CacheLine.None;
    }
}
