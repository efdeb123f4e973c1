using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Snapshots;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>Taking over a medium that an earlier translation layer left, and making a new one.</summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>After recovery that many superblocks are free at least, so that collection can go on where it stopped.</summary>
    private const int FreeAfterMount = 3;

    /// <summary>
    /// How far checkpoints go on after an unclean stop: to the slot and the journal's half that the base does not need, and
    /// past the numbers that the lost ones had.
    /// </summary>
    private const ulong GenerationsSkipped = 3;

    /// <summary>
    /// Formats a medium: an empty checkpoint, and when that is durable the format header. A medium without a header was
    /// never in use.
    /// </summary>
    /// <exception cref="MediumException">The medium cannot be written.</exception>
    public static void Format(Medium medium, MediumFormat format)
    {
        Check.That(medium.Persists && medium.Geometry == format.Geometry);
        using var map = new NativeMemoryBlock(format.LogicalPages * sizeof(uint));
        new Span<uint>(map.Pointer, (int)format.LogicalPages).Fill(PhysicalPage.None.Value);
        var empty = new EmptyMedium((uint*)map.Pointer, format);
        var durable = new DurableState(medium, format, empty, SimDuration.Zero, clock: null);
        bool written = durable.WriteWhole(SimTime.Zero, generation: 1, CheckpointFlags.Final);
        format.WriteTo(new Span<byte>(medium.System, MediumFormat.Bytes));
        if (!written || !medium.Sync())
            throw new MediumException("the medium cannot be written");
    }

    private DurableState Mount(PersistenceOptions options)
    {
        MediumFormat format = MediumFormat.ReadFrom(new ReadOnlySpan<byte>(_flash.Medium.System, MediumFormat.Bytes), options.Name);
        Check.That(format.Geometry == _flash.Geometry && format.LogicalPages == LogicalPageCount);
        _defects = options.Defects;
        var recovery = new Recovery(_flash, format, _entries, _snapshots, options.Name, options.Defects);
        RecoveryReport report = recovery.Run();
        MarkMapped();
        TakeCounters(recovery.Checkpoint);
        _sequence = recovery.Sequence;
        TakeSuperblocks(recovery, wipe: !report.WasClean);

        bool isTimed = _flash.Physics?.Timing != null || options.WriteTime > SimDuration.Zero;
        var durable = new DurableState(_flash.Medium, format, this, options.WriteTime, isTimed ? _flash : null) { Defects = options.Defects };
        durable.TakeMetadata(recovery.Metadata);
        if (report.WasClean)
            durable.Continue(recovery.Checkpoint.Generation, recovery.NextOrdinal);
        else
            ContinueUnclean(durable, recovery, format, options.Name);
        RecoveryReport = report;
        return durable;
    }

    /// <summary>
    /// Numbers that pages or trims may have had which the power cut tore are not given out again: a superblock is known
    /// by its first sequence. Between two synchronisations no more are given out than the medium has pages, and trims.
    /// </summary>
    private void ContinueUnclean(DurableState durable, Recovery recovery, MediumFormat format, string name)
    {
        _sequence += (ulong)(format.Geometry.PageCount + format.LogicalPages);
        _superblocks.CloseAllAt(_sequence);
        durable.Journal.Begin(recovery.Checkpoint.Generation, recovery.NextOrdinal, SimTime.Zero);
        if (!durable.WriteWhole(SimTime.Zero, recovery.Checkpoint.Generation + GenerationsSkipped, CheckpointFlags.None))
            throw new MediumException($"{name} cannot be written: no checkpoint could be stored after an unclean stop");
    }

    private void TakeCounters(in CheckpointHeader checkpoint) => _counters = new FtlCounters
    {
        HostPagesWritten = (long)checkpoint.HostPagesWritten,
        PagesCollected = (long)checkpoint.PagesMoved,
        PagesPadded = (long)checkpoint.PagesPadded,
        PagesTrimmed = (long)checkpoint.PagesTrimmed,
        SuperblocksErased = (long)checkpoint.SuperblocksErased,
    };

    private void TakeSuperblocks(Recovery recovery, bool wipe)
    {
        for (int i = 0; i < _superblocks.Count; i++)
        {
            ref readonly Recovery.SuperblockFinding found = ref recovery.Superblocks[i];
            _flash.Restore(i, found.ProgrammedPages, found.EraseCount);
            if (wipe && found.ProgrammedPages == 0)
                _flash.Medium.Discard(i);
        }

        RebuildSuperblocks(recovery.Superblocks);
    }

    /// <summary>
    /// Superblocks that were open are closed, so that there may be less room than collection left. It is made here: by
    /// collecting, and if there is no superblock to move pages into, by going on with one that was open.
    /// </summary>
    private void RestoreRoom()
    {
        ReleaseWhatIsEmpty();
        for (int i = 0; i < 2 * _superblocks.Count && FreeSuperblocks < FreeAfterMount; i++)
        {
            if (FreeSuperblocks == 0 && LeastRecentlyUsed(0, _frontiers.Length) == NoFrontier)
                ReopenForCollection();
            if (!_reclaimed.IsActive && !ChooseVictim())
                return;
            if (!Evacuate(SimTime.Zero, ref _reclaimed, int.MaxValue) || !MakeDurable(SimTime.Zero).IsSuccess)
                return;
        }
    }

    /// <summary>What replaced the pages of a superblock without valid ones is durable since the checkpoint of the mount.</summary>
    private void ReleaseWhatIsEmpty()
    {
        if (RecoveryReport!.WasClean)
            return;
        for (int i = 0; i < _superblocks.Count; i++)
        {
            if (_superblocks.StateOf(i) != SuperblockState.Closed || _superblocks.ValidPages(i) != 0)
                continue;
            _superblocks.TakeAsVictim(i);
            HoldEmptied(i);
        }

        MakeDurable(SimTime.Zero);
    }

    private void ReopenForCollection()
    {
        int emptiest = -1;
        int fewest = _pagesPerSuperblock;
        for (int i = 0; i < _superblocks.Count; i++)
        {
            if (_superblocks.StateOf(i) != SuperblockState.Closed || _flash.ProgrammedPages(i) >= fewest)
                continue;
            emptiest = i;
            fewest = _flash.ProgrammedPages(i);
        }

        if (emptiest < 0)
            return;
        _superblocks.Reopen(emptiest);
        int index = _options.HostFrontiers;
        OpenAt(index, CollectorOwners, emptiest);
        PadProgram(SimTime.Zero, index);
    }

    /// <summary>What a medium is that nothing was written to.</summary>
    private sealed class EmptyMedium(uint* map, MediumFormat format) : ICheckpointSource
    {
        private FtlCounters _counters;

        public ulong Sequence => 1;

        public ulong Emptied => 0;

        public ref readonly FtlCounters Counters => ref _counters;

        public int SuperblockCount => format.Geometry.BlocksPerPlane;

        public MediumResult Commit(SimTime now) => MediumResult.Success(now);

        public ReadOnlySpan<uint> Map(long first, int most) => new(map + first, (int)Math.Min(most, format.LogicalPages - first));

        public SnapshotTable Snapshots { get; } = new(format.LogicalPages, mostBlocks: 0);

        public SuperblockRecord Describe(int superblock) => default;
    }
}
