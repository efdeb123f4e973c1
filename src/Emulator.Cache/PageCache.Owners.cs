using Emulator.Core;

namespace Emulator.Cache;

/// <summary>
/// Owners: those for whom lines are kept in other ways than by the policy. A line that is retained stays until the one
/// for whom it is has read it, within a bounded part of the cache; one that is favoured outlasts others.
/// </summary>
public sealed partial class PageCache
{
    /// <summary>
    /// One part in so many of the lines can be retained beyond the time at which they are in the store; until then they are
    /// there in any case.
    /// </summary>
    private const int RetainedPart = 4;

    private readonly OwnerCounters[] _owners = new OwnerCounters[byte.MaxValue + 1];
    private readonly bool[] _isOwner = new bool[byte.MaxValue + 1];
    private readonly int _mostRetained;

    /// <summary>Most lines that are retained although they are in the store.</summary>
    public int MostRetainedLines => _mostRetained;

    /// <returns>The owner's number, or 0 when there are 255 already.</returns>
    public byte AddOwner()
    {
        int owner = Array.IndexOf(_isOwner, false, 1);
        if (owner < 0)
            return 0;
        _isOwner[owner] = true;
        _owners[owner] = default;
        return (byte)owner;
    }

    /// <summary>What the cache holds for an owner and did for it since it was added.</summary>
    public ref readonly OwnerCounters CountersOf(byte owner) => ref _owners[owner];

    /// <summary>The lines of an owner are nobody's again.</summary>
    public void RemoveOwner(byte owner)
    {
        Check.That(owner != 0 && _isOwner[owner]);
        for (int line = 0; line < _options.Lines; line++)
        {
            ref CacheLine owned = ref _lines[line];
            if (owned.State == LineState.Free || owned.Owner != owner)
                continue;
            if (owned.Has(LineFlags.Retain))
                GiveUpRetention(line);
            if (owned.State == LineState.Dirty)
                _owners[owner].DirtyLines--;
            owned.Flags &= ~LineFlags.Favoured;
            Disown(ref owned);
        }

        _isOwner[owner] = false;
    }

    /// <summary>No line of an owner is retained any longer.</summary>
    public void ReleaseAll(byte owner)
    {
        for (int line = 0; line < _options.Lines; line++)
        {
            if (_lines[line].State != LineState.Free && _lines[line].Owner == owner && _lines[line].Has(LineFlags.Retain))
                GiveUpRetention(line);
        }
    }

    /// <summary>A line that is in no list becomes an owner's, with what is asked for it.</summary>
    private void Claim(ref CacheLine line, CacheHints hints)
    {
        if (line.Owner != hints.Owner)
        {
            if (line.Has(LineFlags.Retain))
                DropRetention(ref line);
            if (line.Owner != 0)
                Disown(ref line);
            line.Owner = hints.Owner;
            if (hints.Owner != 0)
                _owners[hints.Owner].Lines++;
        }

        if (hints.Owner == 0)
            return;
        if (hints.Has(CacheHint.Favour))
            line.Flags |= LineFlags.Favoured;
        if (hints.Has(CacheHint.Retain) && !line.Has(LineFlags.Retain))
            Retain(ref line);
    }

    private void Disown(ref CacheLine line)
    {
        _owners[line.Owner].Lines--;
        line.Owner = 0;
    }

    private void Retain(ref CacheLine line)
    {
        line.Flags |= LineFlags.Retain;
        _owners[line.Owner].RetainedLines++;
    }

    private void DropRetention(ref CacheLine line)
    {
        line.Flags &= ~LineFlags.Retain;
        _owners[line.Owner].RetainedLines--;
    }

    /// <summary>A line that is in no list is in the store too, and kept; the one that was kept for longest makes room.</summary>
    private void BecomeRetained(int line)
    {
        _lines[line].State = LineState.Retained;
        _retained.AddLast(line);
        if (_retained.Count <= _mostRetained)
            return;
        _owners[_lines[_retained.First].Owner].RetainedDropped++;
        GiveUpRetention(_retained.First);
    }

    /// <summary>The one for whom a line was retained has read it.</summary>
    private void Release(int line)
    {
        _owners[_lines[line].Owner].RetainedRead++;
        GiveUpRetention(line);
    }

    /// <summary>The line, wherever it is, is retained no longer.</summary>
    private void GiveUpRetention(int line)
    {
        DropRetention(ref _lines[line]);
        if (_lines[line].State != LineState.Retained)
            return;
        _retained.Remove(line);
        BecomeClean(line);
    }
}
