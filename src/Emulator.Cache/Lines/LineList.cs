using Emulator.Core;

namespace Emulator.Cache;

/// <summary>A list of lines, linked through the lines themselves: a line is in one list at most.</summary>
internal sealed class LineList(LineTable lines)
{
    public int First { get; private set; } = CacheLine.None;

    public int Last { get; private set; } = CacheLine.None;

    public int Count { get; private set; }

    public void AddFirst(int line) => InsertBefore(First, line);

    public void AddLast(int line) => InsertBefore(CacheLine.None, line);

    /// <summary>Keeps the list in the order of <see cref="CacheLine.CleanAt"/>; cheap for what belongs near its end.</summary>
    public void AddByCleanTime(int line)
    {
        int after = Last;
        while (after != CacheLine.None && lines[after].CleanAt > lines[line].CleanAt)
            after = lines[after].Previous;
        InsertBefore(after == CacheLine.None ? First : lines[after].Next, line);
    }

    public void Remove(int line)
    {
        ref CacheLine removed = ref lines[line];
        if (removed.Previous == CacheLine.None)
            First = removed.Next;
        else
            lines[removed.Previous].Next = removed.Next;
        if (removed.Next == CacheLine.None)
            Last = removed.Previous;
        else
            lines[removed.Next].Previous = removed.Previous;
        Count--;
        Check.That(Count >= 0);
    }

    private void InsertBefore(int next, int line)
    {
        int previous = next == CacheLine.None ? Last : lines[next].Previous;
        ref CacheLine inserted = ref lines[line];
        inserted.Next = next;
        inserted.Previous = previous;
        if (previous == CacheLine.None)
            First = line;
        else
            lines[previous].Next = line;
        if (next == CacheLine.None)
            Last = line;
        else
            lines[next].Previous = line;
        Count++;
    }
}
