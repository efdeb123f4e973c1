namespace Emulator.Cache;

/// <summary>
/// S3-FIFO (Yang and others, SOSP 2023): a line comes into a small queue and goes from there, unless it was used, in
/// which case it moves to the main queue. The names of those that went are remembered for a while: one that comes back
/// goes to the main queue at once. A scan so passes through the small queue and leaves the main queue alone.
/// </summary>
internal sealed class S3FifoPolicy(LineTable lines) : ReplacementPolicy
{
    /// <summary>The small queue has one part in so many of the clean lines.</summary>
    private const int SmallPart = 10;

    private readonly LineList _small = new(lines);
    private readonly LineList _main = new(lines);
    private readonly GhostTable _ghosts = new(lines.Count);

    public override void Add(int line)
    {
        ref CacheLine added = ref lines[line];
        added.Flags &= ~LineFlags.PolicyMask;
        if (added.Has(LineFlags.Favoured))
            added.Heat = CacheLine.MostHeat;
        else if (added.Has(LineFlags.Used))
            added.Heat = 1;

        if (_ghosts.Take(added.Page) || added.Has(LineFlags.Favoured))
            AddToMain(line);
        else
            _small.AddLast(line);
    }

    public override void Use(int line)
    {
        ref CacheLine used = ref lines[line];
        used.Heat = used.Has(LineFlags.Favoured) ? CacheLine.MostHeat : Math.Min(CacheLine.MostHeat, used.Heat + 1);
    }

    public override void Remove(int line) => QueueOf(line).Remove(line);

    public override int Evict()
    {
        while (_small.Count + _main.Count > 0)
        {
            bool isSmallFull = (long)_small.Count * SmallPart >= _small.Count + _main.Count;
            int line = isSmallFull ? EvictSmall() : EvictMain();
            if (line != CacheLine.None)
                return line;
        }

        return CacheLine.None;
    }

    /// <returns>None if the line in turn moved to the main queue.</returns>
    private int EvictSmall()
    {
        int line = _small.First;
        _small.Remove(line);
        if (lines[line].Heat > 0)
        {
            lines[line].Heat = 0;
            AddToMain(line);
            return CacheLine.None;
        }

        _ghosts.Add(lines[line].Page);
        return line;
    }

    /// <returns>None if the line in turn gets another round.</returns>
    private int EvictMain()
    {
        int line = _main.First;
        _main.Remove(line);
        if (lines[line].Heat == 0)
            return line;
        lines[line].Heat--;
        _main.AddLast(line);
        return CacheLine.None;
    }

    private void AddToMain(int line)
    {
        lines[line].Flags |= LineFlags.Main;
        _main.AddLast(line);
    }

    private LineList QueueOf(int line) => lines[line].Has(LineFlags.Main) ? _main : _small;
}
