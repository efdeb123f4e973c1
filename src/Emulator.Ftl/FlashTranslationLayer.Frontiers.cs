using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Frontiers: the superblocks that are open, and who writes to which. A stream that is written for the first time gets a
/// superblock of its own as long as there is room; if not, it takes part in the one that was written longest ago, so that
/// many streams cost separation and never space.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    private const byte NoFrontier = byte.MaxValue;

    /// <summary>Owners of frontiers: host streams, then what the collector moves of each stream, then wear levelling.</summary>
    private const int CollectorOwners = 256;
    private const int LevellingOwner = 512;
    private const int Owners = 513;

    private struct Frontier
    {
        public uint NextPage;
        public uint EndPage;
        public int Superblock;
        public bool IsOpen;
        public ulong LastUse;

        public readonly int PagesLeft => (int)(EndPage - NextPage);
    }

    /// <summary>Host frontiers, collector frontiers, and the one of wear levelling.</summary>
    private readonly Frontier[] _frontiers;
    private readonly byte[] _frontierOf = new byte[Owners];
    private readonly HeatMap? _heat;
    private int _hostFrontiers;
    private int _collectorFrontiers;

    private int LevellingFrontier => _frontiers.Length - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int OwnerOf(WriteStream stream, LogicalPage page)
    {
        Check.That(stream != WriteStream.Collector);
        if (_heat == null || stream != WriteStream.Host || _heat.IsHot(page))
            return stream.Value;
        _counters.ColdPagesWritten++;
        return WriteStream.HostCold.Value;
    }

    /// <summary>Takes the next page to be programmed for an owner.</summary>
    /// <returns><see cref="PhysicalPage.None"/> when nothing can be written any more.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PhysicalPage NextPage(SimTime now, int owner)
    {
        int index = _frontierOf[owner];
        if (index == NoFrontier || _frontiers[index].PagesLeft == 0)
        {
            index = FindFrontier(now, owner);
            if (index == NoFrontier)
                return PhysicalPage.None;
        }

        ref Frontier frontier = ref _frontiers[index];
        frontier.LastUse = _sequence;
        _room--;
        return new PhysicalPage(frontier.NextPage++);
    }

    private int FindFrontier(SimTime now, int owner)
    {
        bool isContinued = _frontierOf[owner] != NoFrontier;
        (int first, int count) = FrontiersFor(owner);
        int vacant = Vacant(first, count);
        // Those that were opened when there was more room are written to their end too.
        int others = LeastRecentlyUsed(first, FrontiersEverFor(owner));
        if (vacant != NoFrontier && MayOpen(owner, isFurther: others != NoFrontier && !isContinued))
            return Open(vacant, owner);
        if (others == NoFrontier)
            return FindLastRoom(now, owner, vacant);

        if (vacant != NoFrontier)
        {
            _opensWithMoreRoom = OpensAfterSharing;
            PlanRoom();
        }

        _counters.FrontiersShared++;
        return _frontierOf[owner] = (byte)others;
    }

    private (int First, int Count) FrontiersFor(int owner) =>
        owner < CollectorOwners ? (0, _hostFrontiers)
        : owner < LevellingOwner ? (_options.HostFrontiers, _collectorFrontiers)
        : (LevellingFrontier, 1);

    private int FrontiersEverFor(int owner) =>
        owner < CollectorOwners ? _options.HostFrontiers
        : owner < LevellingOwner ? _options.CollectorFrontiers
        : 1;

    /// <summary>Whether a free superblock may be opened; a further one only if there is room to have one more open.</summary>
    private bool MayOpen(int owner, bool isFurther)
    {
        bool keepsLast = owner == LevellingOwner || (owner < CollectorOwners && CollectorNeedsMore);
        return _superblocks.Free.Count > (keepsLast ? 1 : 0) && (!isFurther || Room >= _roomForFurther);
    }

    /// <summary>Whether what has to be moved next needs a superblock beyond those that are open for it.</summary>
    private bool CollectorNeedsMore
    {
        get
        {
            int pages = _reclaimed.IsActive ? _superblocks.ValidPages(_reclaimed.Superblock) : _pagesPerSuperblock;
            if (_errand.IsActive)
                pages += _superblocks.ValidPages(_errand.Superblock);
            for (int i = _options.HostFrontiers; i < _frontiers.Length; i++)
                pages -= _frontiers[i].PagesLeft;
            return pages > 0;
        }
    }

    /// <summary>There is neither a superblock to open nor one to take part in: makes room now, or borrows it.</summary>
    private int FindLastRoom(SimTime now, int owner, int vacant)
    {
        if (owner < CollectorOwners)
        {
            _counters.Stalls++;
            EmptyUntilFree(now, 2);
        }

        if (vacant != NoFrontier && _superblocks.Free.Count > 0)
            return Open(vacant, owner);
        int borrowed = LeastRecentlyUsed(0, _frontiers.Length);
        if (borrowed == NoFrontier)
            IsReadOnly = !_hasSnapshots;
        else
            _counters.FrontiersShared++;
        return _frontierOf[owner] = (byte)borrowed;
    }

    /// <summary>The open frontier with pages left that was written longest ago.</summary>
    private int LeastRecentlyUsed(int first, int count)
    {
        int found = NoFrontier;
        for (int i = first; i < first + count; i++)
        {
            ref readonly Frontier frontier = ref _frontiers[i];
            if (frontier.IsOpen && frontier.PagesLeft > 0
                && (found == NoFrontier || frontier.LastUse < _frontiers[found].LastUse))
                found = i;
        }

        return found;
    }

    /// <summary>A frontier without a superblock, or with a full one, which is closed.</summary>
    private int Vacant(int first, int count)
    {
        int found = NoFrontier;
        for (int i = first; i < first + count; i++)
        {
            if (_frontiers[i].IsOpen && _frontiers[i].PagesLeft == 0)
                CloseFrontier(i);
            if (!_frontiers[i].IsOpen)
                found = i;
        }

        return found;
    }

    private int Open(int index, int owner)
    {
        byte stream = owner == LevellingOwner ? WriteStream.HostCold.Value : (byte)owner;
        int superblock = owner == LevellingOwner
            ? _superblocks.OpenMostWorn(stream)
            : _superblocks.OpenLeastWorn(stream);
        _opensWithMoreRoom = Math.Max(0, _opensWithMoreRoom - 1);
        OpenAt(index, owner, superblock);
        return index;
    }

    /// <summary>Goes on where a superblock was programmed last; in a free one that is its beginning.</summary>
    private void OpenAt(int index, int owner, int superblock)
    {
        uint first = FirstPageOf(superblock);
        int programmed = _flash.ProgrammedPages(superblock);
        _frontiers[index] = new Frontier
        {
            NextPage = first + (uint)programmed,
            EndPage = first + (uint)_pagesPerSuperblock,
            Superblock = superblock,
            IsOpen = true,
            LastUse = _sequence,
        };
        if (programmed > 0)
            _room += _pagesPerSuperblock - programmed;
        _frontierOf[owner] = (byte)index;
        PlanRoom();
    }

    /// <summary>Whoever wrote there needs another superblock; pages that are left are lost until it was collected.</summary>
    private void CloseFrontier(int index)
    {
        ref Frontier frontier = ref _frontiers[index];
        int superblock = frontier.Superblock;
        ForgetFrontier(index);
        _superblocks.Close(superblock, _sequence);
        PlanRoom();
    }

    private void ForgetFrontier(int index)
    {
        _room -= _frontiers[index].PagesLeft;
        _frontiers[index] = default;
        _frontierOf.AsSpan().Replace((byte)index, NoFrontier);
    }

    private void ForgetFrontiers()
    {
        _frontiers.AsSpan().Clear();
        _frontierOf.AsSpan().Fill(NoFrontier);
    }

    /// <summary>The frontier whose superblock it is; there is one.</summary>
    private int FrontierOn(int superblock)
    {
        int index = 0;
        while (!_frontiers[index].IsOpen || _frontiers[index].Superblock != superblock)
            index++;
        return index;
    }

    /// <summary>Fills up a program operation that has begun, so that it runs.</summary>
    private MediumResult PadProgram(SimTime now, int index)
    {
        MediumResult result = MediumResult.Success(now);
        while (_frontiers[index].IsOpen && _frontiers[index].NextPage % (uint)_programPages != 0)
        {
            var page = new PhysicalPage(_frontiers[index].NextPage++);
            _room--;
            MediumResult padded = _flash.Program(
                now, page, [], NextSpare(new LogicalPage(SpareArea.NoLogicalPage), StoredForm.Plain, []));
            _counters.PagesPadded++;
            if (!padded.IsSuccess && TryRescueProgram(padded.Done, page))
                padded = MediumResult.Success(SimTime.Max(padded.Done, _movesDone));
            result = result.And(padded);
            if (!result.IsSuccess)
                break;
        }

        return result;
    }
}
