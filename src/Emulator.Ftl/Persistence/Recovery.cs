using System.Runtime.CompilerServices;
using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// Finds out what a medium holds (specs/media-format.md, "Recovery"), and changes nothing on it. The steps: choose a
/// checkpoint, read the journal, load the map, tell which superblocks changed since, drop what the map has in them that
/// is there no longer, find what snapshots keep, scan the superblocks, apply the trims, count.
/// </summary>
public sealed unsafe partial class Recovery
{
    private readonly Medium _medium;
    private readonly MediumFormat _format;
    private readonly FlashArray _flash;
    private readonly SystemLayout _layout;
    private readonly uint* _map;
    private readonly FtlDefects _defects;
    private readonly SnapshotTable _snapshots;
    private readonly ulong[] _sliceSequences;
    private readonly SuperblockFinding[] _superblocks;
    private readonly JournalReader _journal;
    private readonly List<string> _steps = [];

    /// <summary>Logical pages whose newest contents were durable and are damaged, with the sequence of those.</summary>
    private readonly Dictionary<uint, ulong> _damaged = [];
    private RecoveryReport _report = new();
    private CheckpointHeader _base;

    /// <summary>What recovery says of a superblock.</summary>
    public struct SuperblockFinding
    {
        public SuperblockDecision Decision;

        /// <summary>Pages up to the last that is programmed.</summary>
        public int ProgrammedPages;
        public int EraseCount;
        public int ValidPages;

        /// <summary>It is not used any more.</summary>
        public bool IsRetired;
    }

    /// <param name="flash">Of the medium; only read.</param>
    /// <param name="map">One entry for each logical page, to be filled in.</param>
    /// <param name="name">What to call the medium in a message.</param>
    public Recovery(FlashArray flash, MediumFormat format, uint* map, string name)
        : this(flash, format, map, new SnapshotTable(format.LogicalPages, format.SnapshotChunks * Chunk.SnapshotBlocks), name, FtlDefects.None)
    {
    }

    internal Recovery(
        FlashArray flash, MediumFormat format, uint* map, SnapshotTable snapshots, string name, FtlDefects defects)
    {
        _snapshots = snapshots;
        _flash = flash;
        _medium = flash.Medium;
        _format = format;
        _map = map;
        _defects = defects;
        _layout = new SystemLayout(format);
        _sliceSequences = new ulong[_layout.MapChunks];
        _superblocks = new SuperblockFinding[format.Geometry.BlocksPerPlane];
        _journal = new JournalReader(_medium, format);
        Name = name;
    }

    public string Name { get; }

    /// <summary>The highest sequence that anything on the medium has.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Ordinal of the next record of the journal.</summary>
    public ulong NextOrdinal => _journal.NextOrdinal;

    public byte[] Metadata { get; private set; } = [];

    public ref readonly CheckpointHeader Checkpoint => ref _base;

    public ReadOnlySpan<SuperblockFinding> Superblocks => _superblocks;

    /// <exception cref="MediumException">The medium is damaged beyond what recovery can make good.</exception>
    public RecoveryReport Run()
    {
        CheckpointReader checkpoint = ChooseBase();
        ReadJournal(checkpoint);
        LoadMap(checkpoint);
        SuperblockRecord[] records = checkpoint.Superblocks();
        if (_report.Base == RecoveryBase.CleanShutdown)
        {
            TakeOver(records);
            LoadSnapshots(checkpoint);
        }
        else
        {
            Compare(records);
            DropWhatIsGone();
            LoadSnapshots(checkpoint);
            KeepWhatWasReplaced();
            Scan();
            ApplyTrims();
        }

        SettleSnapshots();

        CountValid();
        return _report = _report with { Steps = _steps };
    }

    private Span<uint> Map => new(_map, (int)_format.LogicalPages);

    private void Step(string what) => _steps.Add(what);

    private CheckpointReader ChooseBase()
    {
        CheckpointReader[] slots = [CheckpointReader.Open(_medium, _format, 0), CheckpointReader.Open(_medium, _format, 1)];
        CheckpointReader newer = slots[0].Header.Generation > slots[1].Header.Generation ? slots[0] : slots[1];
        CheckpointReader older = newer == slots[0] ? slots[1] : slots[0];
        RecoveryBase decided = RecoveryTables.Base(newer.State, older.State);
        if (decided == RecoveryBase.None)
        {
            throw MediumFormat.Damaged(
                Name, $"no checkpoint is whole ({newer.BadChunks} and {older.BadChunks} bad chunks)");
        }

        CheckpointReader chosen = decided == RecoveryBase.Newest ? newer : older;
        _base = chosen.Header;
        ulong between = _journal.Read(_base.Generation, _base.FirstOrdinal);
        if (newer.State == SlotState.Overwritten && chosen == older
            && newer.Header.Generation == _base.Generation + 1 && between != newer.Header.FirstOrdinal)
        {
            throw MediumFormat.Damaged(
                Name, $"checkpoint {newer.Header.Generation} is not whole, and the journal since the one before is gone");
        }

        bool isClean = decided == RecoveryBase.Newest && (_base.Flags & CheckpointFlags.Final) != 0 && _journal.Records == 0;
        _report = _report with
        {
            Base = isClean ? RecoveryBase.CleanShutdown : decided,
            Generation = _base.Generation,
            JournalRecords = _journal.Records,
        };
        Step($"checkpoint {_base.Generation} is the base, {_report.Base}: sequences {_base.BeginSequence} to {_base.EndSequence}");
        return chosen;
    }

    private void ReadJournal(CheckpointReader checkpoint)
    {
        Sequence = _base.EndSequence;
        foreach (TrimmedRun run in _journal.Trims)
        {
            if (run.Count > _format.LogicalPages || run.First > _format.LogicalPages - run.Count)
                throw MediumFormat.Damaged(Name, $"the journal trims pages {run.First} to {run.First + (ulong)run.Count}");
            Sequence = Math.Max(Sequence, run.Sequence);
        }

        Metadata = _journal.Metadata ?? checkpoint.Metadata();
        Step($"{_journal.Records} records of the journal: {_journal.Trims.Count} runs of trims, {_journal.Erases.Count} erases, "
            + $"metadata of {Metadata.Length} bytes from the {(_journal.Metadata == null ? "checkpoint" : "journal")}");
    }

    private void LoadMap(CheckpointReader checkpoint)
    {
        for (int i = 0; i < _layout.MapChunks; i++)
        {
            int first = i * Chunk.MapEntries;
            _sliceSequences[i] = checkpoint.ReadMap(i, Map[first..Math.Min(first + Chunk.MapEntries, Map.Length)]);
        }

        Step($"map of {Map.Length} pages loaded");
    }

    // Loops over the whole map run once, before the compiler would have seen that they are worth its while.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountValid()
    {
        long mapped = 0;
        uint pagesPerSuperblock = (uint)_format.Geometry.PagesPerSuperblock;
        foreach (uint entry in Map)
        {
            if (entry >= PhysicalPage.Lost.Value)
                continue;
            if (entry >= _format.Geometry.PageCount)
                throw MediumFormat.Damaged(Name, $"the map names physical page {entry} of {_format.Geometry.PageCount}");
            mapped++;
            _superblocks[entry / pagesPerSuperblock].ValidPages++;
        }

        _report = _report with { PagesMapped = mapped, PagesKept = CountKept() };
        Step($"{mapped} pages are mapped, {_report.PagesKept} kept by {_snapshots.All.Count} snapshots");
    }
}
