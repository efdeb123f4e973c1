using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Cache;

/// <summary>
/// A store that keeps what it is given, takes the times that a test says, and can lose its power: what was not programmed
/// by then is as it was before. It makes sure that it is used as a store may be.
/// </summary>
internal sealed class FakeStore : IPageStore
{
    private readonly List<Version>[] _versions;

    private sealed record Version(SimTime Done, byte[]? Data);

    public FakeStore(int pages, int programPages = 1)
    {
        LogicalPageCount = pages;
        ProgramPages = programPages;
        _versions = [.. Enumerable.Range(0, pages).Select(_ => new List<Version>())];
    }

    public SimDuration ReadTime { get; init; }

    public SimDuration ProgramTime { get; init; }

    /// <summary>Writes fail from now on.</summary>
    public bool IsWornOut { get; set; }

    /// <summary>Pages that cannot be read.</summary>
    public HashSet<LogicalPage> Unreadable { get; } = [];

    /// <summary>Every page written, in order, with its stream.</summary>
    public List<(LogicalPage Page, WriteStream Stream)> Writes { get; } = [];

    public int Reads { get; private set; }

    public int Flushes { get; private set; }

    public long LogicalPageCount { get; }

    public int ProgramPages { get; }

    public SimTime NextEvent => SimTime.Never;

    public bool IsMapped(LogicalPage page) => Newest(page) != null;

    public int FirstPage(LogicalPage start, int count, bool mapped)
    {
        for (int i = 0; i < count; i++)
        {
            if (IsMapped(start + (uint)i) == mapped)
                return i;
        }

        return count;
    }

    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        Reads++;
        if (Unreadable.Contains(page))
        {
            destination.Fill(0xEE);
            return new MediumResult(now + ReadTime, MediumStatus.Uncorrectable);
        }

        if (Newest(page) is not { } data)
        {
            destination.Clear();
            return MediumResult.Success(now);
        }

        data.AsSpan(offset, destination.Length).CopyTo(destination);
        return MediumResult.Success(now + ReadTime);
    }

    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data)
    {
        Assert.Equal(FlashGeometry.PageBytes, data.Length);
        if (IsWornOut)
            return new MediumResult(now, MediumStatus.WriteFault);
        Writes.Add((page, stream));
        _versions[page.Value].Add(new Version(now + ProgramTime, data.ToArray()));
        return MediumResult.Success(now + ProgramTime);
    }

    public SimTime Trim(SimTime now, LogicalPage page)
    {
        _versions[page.Value].Add(new Version(now, null));
        return now;
    }

    public MediumResult Commit(SimTime now) => Flush(now);

    public MediumResult Flush(SimTime now)
    {
        Flushes++;
        return MediumResult.Success(now);
    }

    public bool Damage(LogicalPage page) => IsMapped(page) && Unreadable.Add(page);

    public bool IsIntact(LogicalPage page) => true;

    public SimTime EraseStale(SimTime now) => now;

    public void Advance(SimTime now)
    {
    }

    public void ForgetCounts()
    {
        Writes.Clear();
        Reads = Flushes = 0;
    }

    /// <summary>Of each page the newest contents that were programmed by then are left.</summary>
    public void PowerCut(SimTime at)
    {
        foreach (List<Version> versions in _versions)
            versions.RemoveAll(version => version.Done > at);
    }

    public void Dispose()
    {
    }

    private byte[]? Newest(LogicalPage page) => _versions[page.Value] is [.., var newest] ? newest.Data : null;
}
