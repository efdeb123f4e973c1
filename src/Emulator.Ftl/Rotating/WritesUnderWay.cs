using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Rotating;

/// <summary>
/// What was on the platter under writes that are not done: a loss of power finds it there. The newest writes are kept,
/// more than a disk ever has outstanding; older ones count as done.
/// </summary>
internal sealed unsafe class WritesUnderWay(Medium medium) : IDisposable
{
    private const int Most = 256;

    private readonly (uint Page, SimTime Done, SpareArea Spare, bool IsValid)[] _writes =
        new (uint, SimTime, SpareArea, bool)[Most];

    private readonly NativeMemoryBlock? _contents =
        medium.Data == null ? null : new NativeMemoryBlock(Most * (long)FlashGeometry.PageBytes);

    private readonly byte[] _parities = new byte[medium.Parity == null ? 0 : Most * medium.Geometry.ParityBytes];
    private int _next;

    /// <summary>A write begins; called before anything of it is on the medium.</summary>
    public void Add(SimTime now, uint page, SimTime done)
    {
        if (done <= now)
            return;
        _writes[_next] = (page, done, medium.Spare[page], true);
        if (_contents != null)
            ContentsOf(page).CopyTo(SavedAt(_next));
        medium.ParityOf(page).CopyTo(SavedParityAt(_next));
        _next = (_next + 1) % Most;
    }

    /// <summary>The page was trimmed: whatever was under way for it is of no account.</summary>
    public void Forget(uint page)
    {
        foreach (ref var write in _writes.AsSpan())
        {
            if (write.Page == page)
                write.IsValid = false;
        }
    }

    /// <summary>Puts back what was there before each write that is not done, the newest first.</summary>
    public void TakeBack(SimTime at)
    {
        for (int i = 1; i <= Most; i++)
        {
            int slot = (_next - i + Most) % Most;
            ref var write = ref _writes[slot];
            if (!write.IsValid || write.Done <= at)
                continue;
            medium.Spare[write.Page] = write.Spare;
            if (_contents != null)
                SavedAt(slot).CopyTo(ContentsOf(write.Page));
            SavedParityAt(slot).CopyTo(medium.ParityOf(write.Page));
            write.IsValid = false;
        }
    }

    public void Dispose() => _contents?.Dispose();

    private Span<byte> ContentsOf(uint page) =>
        new(medium.Data + ((long)page * FlashGeometry.PageBytes), FlashGeometry.PageBytes);

    private Span<byte> SavedAt(int slot) =>
        _contents!.Slice(slot * (long)FlashGeometry.PageBytes, FlashGeometry.PageBytes);

    private Span<byte> SavedParityAt(int slot) =>
        _parities.AsSpan(slot * (_parities.Length / Most), _parities.Length / Most);
}
