using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

namespace Emulator.UnitTests.Ftl;

/// <summary>
/// A translation layer with two volumes, each half of its pages, and beside it what each page has to hold, now and in every
/// snapshot. Built on a medium that persists it can be taken away and built anew.
/// </summary>
internal sealed unsafe class SnapshotRig : IDisposable
{
    private const int SegmentPages = 256;

    private readonly FtlOptions? _options;
    private readonly byte[] _page = new byte[FlashGeometry.PageBytes];
    private readonly byte[] _parity = [];
    private readonly Dictionary<ushort, (uint Volume, ulong[] Pages)> _snapshots = [];
    private readonly ulong[] _expected;
    private ulong _written;

    public SnapshotRig(int segments, FlashGeometry geometry, bool persists, FtlOptions? options = null, int? snapshotChunks = null)
    {
        Pages = segments * SegmentPages;
        _expected = new ulong[Pages];
        _options = options;
        MediumFormat format = PersistentMedium.FormatFor(Pages) with
        {
            Geometry = geometry,
            JournalBytes = 64 << 10,
            SnapshotChunks = snapshotChunks ?? SystemLayout.DefaultSnapshotChunks((long)Pages * FlashGeometry.PageBytes),
        };
        Medium = persists
            ? new MemoryMedium(geometry, new SystemLayout(format).TotalBytes, persists: true)
            : new MemoryMedium(geometry);
        if (persists)
            FlashTranslationLayer.Format(Medium, format);
        Mount();
    }

    public int Pages { get; }

    public MemoryMedium Medium { get; }

    public FlashTranslationLayer Ftl { get; private set; } = null!;

    public IReadOnlyCollection<ushort> Snapshots => _snapshots.Keys;

    public static uint VolumeOf(int page, int pages) => page < pages / 2 ? 1u : 2;

    /// <summary>A translation layer on what the medium has; whatever the last one had not written is gone.</summary>
    public void Mount()
    {
        Ftl?.Dispose();
        Ftl = new FlashTranslationLayer(new FlashArray(Medium), Pages, options: _options);
        uint half = (uint)(Pages / 2 / SegmentPages);
        uint[] all = [.. Enumerable.Range(0, Pages / SegmentPages).Select(i => (uint)i)];
        Ftl.AssignVolume(1, all.AsSpan(0, (int)half));
        Ftl.AssignVolume(2, all.AsSpan((int)half));
    }

    public MediumStatus Write(int page)
    {
        BitConverter.TryWriteBytes(_page, ++_written);
        MediumResult result = Ftl.Write(SimTime.Zero, new LogicalPage((uint)page), WriteStream.Host, _page);
        if (result.IsSuccess)
            _expected[page] = _written;
        return result.Status;
    }

    public void Trim(int page)
    {
        Ftl.Trim(SimTime.Zero, new LogicalPage((uint)page));
        _expected[page] = 0;
    }

    public void Create(ushort id, uint volume)
    {
        Assert.True(Ftl.CreateSnapshot(SimTime.Zero, id, volume));
        _snapshots.Add(id, (volume, [.. _expected]));
    }

    public void Delete(ushort id)
    {
        Assert.True(Ftl.DeleteSnapshot(SimTime.Zero, id));
        _snapshots.Remove(id);
    }

    public MediumStatus Restore(ushort id)
    {
        (uint volume, ulong[] pages) = _snapshots[id];
        for (int page = 0; page < Pages; page++)
        {
            if (VolumeOf(page, Pages) != volume || Ftl.FirstChange(id, new LogicalPage((uint)page), 1, changed: true) != 0)
                continue;
            MediumResult result = Ftl.RestorePage(SimTime.Zero, id, new LogicalPage((uint)page));
            if (!result.IsSuccess)
                return result.Status;
            _expected[page] = pages[page];
        }

        return MediumStatus.Success;
    }

    /// <summary>Everything is as it has to be, and what snapshots do not name as changed is not.</summary>
    public void Verify()
    {
        for (int page = 0; page < Pages; page++)
        {
            var logical = new LogicalPage((uint)page);
            Assert.True(Ftl.Read(SimTime.Zero, logical, 0, _page).IsSuccess);
            Assert.True(_expected[page] == BitConverter.ToUInt64(_page), $"{logical} does not hold what was written last");
            Assert.True(Ftl.IsIntact(logical));
        }

        foreach ((ushort id, (uint volume, ulong[] pages)) in _snapshots)
        {
            for (int page = 0; page < Pages; page++)
            {
                if (VolumeOf(page, Pages) == volume)
                    VerifySnapshot(id, page, pages[page]);
            }
        }
    }

    public void Dispose()
    {
        Ftl.Dispose();
        Medium.Dispose();
    }

    private void VerifySnapshot(ushort id, int page, ulong expected)
    {
        var logical = new LogicalPage((uint)page);
        ulong found = 0;
        if (Ftl.TryGetForm(id, logical, out _))
        {
            Assert.True(Ftl.ReadStored(SimTime.Zero, id, logical, _page, _parity).IsSuccess);
            found = BitConverter.ToUInt64(_page);
        }

        Assert.True(expected == found, $"{logical} of snapshot {id} is {found} instead of {expected}");
        Assert.Equal(expected != 0, Ftl.FirstPage(id, logical, 1, mapped: true) == 0);
        bool changed = Ftl.FirstChange(id, logical, 1, changed: true) == 0;
        Assert.True(changed || expected == _expected[page], $"{logical} changed since snapshot {id} and is not told");
    }
}
