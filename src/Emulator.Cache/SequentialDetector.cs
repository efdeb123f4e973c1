using Emulator.Core;

namespace Emulator.Cache;

/// <summary>Pages to read ahead of a reader, in the address space that it reads in.</summary>
/// <param name="First">First page.</param>
/// <param name="Count">Pages; 0 for none.</param>
public readonly record struct PagesAhead(ulong First, int Count);

/// <summary>
/// Tells readers in sequence from others, each by where it reads (a host and a namespace), and how far to read ahead of
/// them. The window begins with what the reader reads at once and doubles as long as the reader goes on, so that a short
/// run costs little. A reader with several commands outstanding may be a little out of order.
/// </summary>
public sealed class SequentialDetector
{
    /// <summary>Readers that are told apart at one place.</summary>
    private const int Ways = 4;

    private const int Sets = 32;

    /// <summary>How far from where it is expected a command may begin.</summary>
    private const ulong Slack = 64;

    private readonly Reader[] _readers = new Reader[Sets * Ways];
    private readonly int _largestWindow;
    private uint _clock;

    private struct Reader
    {
        public ulong Place;

        /// <summary>Behind the furthest page read; 0 when nobody reads here.</summary>
        public ulong Next;

        /// <summary>Behind the furthest page that was read ahead.</summary>
        public ulong AheadEnd;

        /// <summary>0 until a second read has followed the first.</summary>
        public int Window;
        public uint LastSeen;
    }

    /// <param name="largestWindow">Most pages ahead of a reader.</param>
    public SequentialDetector(int largestWindow) => _largestWindow = largestWindow;

    /// <summary>A command reads pages.</summary>
    /// <param name="place">Whose command, and in which address space.</param>
    /// <param name="first">First page read.</param>
    /// <param name="count">Pages read, at least 1.</param>
    /// <returns>What to read ahead now; nothing that was returned before for this reader.</returns>
    public PagesAhead Observe(ulong place, ulong first, int count)
    {
        Check.That(count > 0);
        Span<Reader> set = SetOf(place);
        int oldest = 0;
        for (int i = 0; i < set.Length; i++)
        {
            if (Continues(set[i], place, first))
                return Continue(ref set[i], first + (uint)count, count);
            if (_clock - set[i].LastSeen > _clock - set[oldest].LastSeen)
                oldest = i;
        }

        ulong next = first + (uint)count;
        set[oldest] = new Reader { Place = place, Next = next, AheadEnd = next, LastSeen = ++_clock };
        return default;
    }

    private static bool Continues(in Reader reader, ulong place, ulong first) =>
        reader.Next != 0
        && reader.Place == place
        && first + Slack >= reader.Next
        && first <= reader.Next + (reader.Window == 0 ? 0 : Slack);

    private PagesAhead Continue(ref Reader reader, ulong next, int count)
    {
        reader.LastSeen = ++_clock;
        if (next <= reader.Next)
            return default;
        reader.Next = next;
        reader.Window = Math.Min(_largestWindow, reader.Window == 0 ? 2 * count : 2 * reader.Window);
        ulong from = Math.Max(reader.AheadEnd, next);
        ulong end = next + (uint)reader.Window;
        if (end <= from)
            return default;
        reader.AheadEnd = end;
        return new PagesAhead(from, (int)(end - from));
    }

    private Span<Reader> SetOf(ulong place) =>
        _readers.AsSpan((int)((place * 0x9E37_79B9_7F4A_7C15) >> 59) * Ways, Ways);
}
