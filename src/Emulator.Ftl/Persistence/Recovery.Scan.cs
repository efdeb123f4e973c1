using System.Runtime.CompilerServices;
using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>What was programmed, erased and trimmed since the checkpoint.</summary>
public sealed unsafe partial class Recovery
{
    /// <summary>After a clean shutdown superblocks are as the checkpoint says.</summary>
    private void TakeOver(SuperblockRecord[] records)
    {
        for (int i = 0; i < records.Length; i++)
        {
            ref readonly SuperblockRecord record = ref records[i];
            if (record.ProgrammedPages > (uint)_format.Geometry.PagesPerSuperblock)
                throw MediumFormat.Damaged(Name, $"superblock {i} has {record.ProgrammedPages} programmed pages");
            _superblocks[i] = new SuperblockFinding
            {
                Decision = record.ProgrammedPages == 0 ? SuperblockDecision.Erased : SuperblockDecision.Unchanged,
                ProgrammedPages = (int)record.ProgrammedPages,
                EraseCount = (int)record.EraseCount,
                IsRetired = (record.Flags & SuperblockFlags.Retired) != 0,
            };
        }

        Step("superblocks as they were shut down");
    }

    /// <summary>
    /// Sequence of the first page of a superblock that is programmed. A page is so only after those before it on its die,
    /// so that something in the first row of flash pages is if anything is.
    /// </summary>
    /// <returns>0 if nothing is programmed.</returns>
    internal static ulong FirstSequence(FlashArray flash, int superblock) => FirstSequenceFrom(flash, superblock, 0);

    /// <summary>As <see cref="FirstSequence"/>, of the pages from one of the superblock on.</summary>
    private static ulong FirstSequenceFrom(FlashArray flash, int superblock, int index)
    {
        PhysicalPage first = flash.Geometry.FirstPageOf(superblock);
        int row = flash.Geometry.PlaneCount * flash.Geometry.MapPagesPerFlashPage;
        int end = Math.Min(index + row, flash.Geometry.PagesPerSuperblock);
        for (; index < end; index++)
        {
            ref readonly SpareArea spare = ref flash.ScanSpare(first + (uint)index);
            if (spare.IsProgrammed)
                return spare.Sequence;
        }

        return 0;
    }

    private void Compare(SuperblockRecord[] records)
    {
        TakeOver(records);
        int scanned = 0;
        for (int i = 0; i < records.Length; i++)
        {
            ulong first = FirstSequence(_flash, i);
            bool hasGrown = FirstSequenceFrom(_flash, i, _superblocks[i].ProgrammedPages) != 0;
            SuperblockDecision decision = RecoveryTables.Superblock(records[i], first, hasGrown, _base.BeginSequence);
            bool wasErased = first != records[i].FirstSequence && records[i].FirstSequence != 0;
            _superblocks[i].Decision = decision;
            _superblocks[i].EraseCount += wasErased ? 1 : 0;
            if (decision != SuperblockDecision.Unchanged)
                _superblocks[i].ProgrammedPages = 0;
            scanned += decision == SuperblockDecision.Scanned ? 1 : 0;
        }

        foreach (ErasedSuperblock erased in _journal.Erases)
        {
            if (erased.Superblock < (uint)_superblocks.Length)
            {
                ref SuperblockFinding found = ref _superblocks[(int)erased.Superblock];
                found.EraseCount = Math.Max(found.EraseCount, erased.EraseCount);
                found.IsRetired |= erased.IsRetired;
            }
        }

        _report = _report with { SuperblocksScanned = scanned };
        Step($"{scanned} of {records.Length} superblocks changed since the checkpoint");
    }

    /// <summary>
    /// A slice of the map may be older than the erase of a superblock that it names. What took the place of such a page
    /// is found by the scan or among the trims; until then the page counts as lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DropWhatIsGone()
    {
        Span<uint> map = Map;
        uint pagesPerSuperblock = (uint)_format.Geometry.PagesPerSuperblock;
        long dropped = 0;
        for (int page = 0; page < map.Length; page++)
        {
            uint physical = map[page];
            if (physical >= PhysicalPage.Lost.Value)
                continue;
            if (physical >= _format.Geometry.PageCount)
                throw MediumFormat.Damaged(Name, $"the map names physical page {physical} of {_format.Geometry.PageCount}");
            if (_superblocks[physical / pagesPerSuperblock].Decision == SuperblockDecision.Unchanged)
                continue;
            ref readonly SpareArea spare = ref _flash.ScanSpare(new PhysicalPage(physical));
            if (spare.IsProgrammed && spare.LogicalPage == (uint)page && spare.Sequence <= SliceSequence((uint)page))
                continue;
            map[page] = PhysicalPage.Lost.Value;
            dropped++;
        }

        Step($"{dropped} entries of the map are older than an erase");
    }

    private void Scan()
    {
        if ((_defects & FtlDefects.ScanLeftOut) != 0)
            return;
        for (int i = 0; i < _superblocks.Length; i++)
        {
            if (_superblocks[i].Decision == SuperblockDecision.Scanned)
                ScanSuperblock(i);
        }

        Step($"{_report.PagesScanned} pages scanned: {_report.PagesReplayed} are newer than the map, {_report.PagesTorn} torn");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanSuperblock(int superblock)
    {
        PhysicalPage first = _format.Geometry.FirstPageOf(superblock);
        int pages = _format.Geometry.PagesPerSuperblock;
        long scanned = 0, replayed = 0, torn = 0;
        for (int i = 0; i < pages; i++)
        {
            PhysicalPage page = first + (uint)i;
            ref readonly SpareArea spare = ref _flash.ScanSpare(page);
            if (!spare.IsProgrammed)
                continue;
            _superblocks[superblock].ProgrammedPages = i + 1;
            scanned++;
            switch (Judge(page, spare))
            {
                case PageDecision.Torn:
                    torn++;
                    continue;
                case PageDecision.Damaged:
                    _map[spare.LogicalPage] = PhysicalPage.Lost.Value;
                    _damaged[spare.LogicalPage] = spare.Sequence;
                    continue;
                case PageDecision.Current:
                    _map[spare.LogicalPage] = page.Value;
                    replayed++;
                    break;
            }

            Sequence = Math.Max(Sequence, spare.Sequence);
        }

        _report = _report with
        {
            PagesScanned = _report.PagesScanned + scanned,
            PagesReplayed = _report.PagesReplayed + replayed,
            PagesTorn = _report.PagesTorn + torn,
        };
    }

    private PageDecision Judge(PhysicalPage page, in SpareArea spare)
    {
        bool isPadding = spare.LogicalPage == SpareArea.NoLogicalPage;
        if (!isPadding && (spare.LogicalPage & SpareArea.KeptCopy) != 0 && _snapshots.Blocks.Limit != 0)
            return _flash.IsUndamaged(page) ? PageDecision.KeptCopy : PageDecision.Torn;
        if (!isPadding && spare.LogicalPage >= _format.LogicalPages)
            return PageDecision.Torn;
        if (!isPadding && spare.Sequence <= SliceSequence(spare.LogicalPage))
            return PageDecision.Covered;
        bool isWhole = (_defects & FtlDefects.ChecksumsIgnored) != 0 || _flash.IsUndamaged(page);
        bool wasDurable = spare.Sequence <= Math.Max(_journal.DurableSequence, _base.BeginSequence);
        ulong current = isPadding ? 0 : SequenceOf(spare.LogicalPage);
        if ((_defects & FtlDefects.SequencesIgnored) != 0)
            current = 0;
        return RecoveryTables.Page(isWhole, wasDurable, isPadding, isNewer: spare.Sequence > current);
    }

    private void ApplyTrims()
    {
        if ((_defects & FtlDefects.TrimsNotReplayed) != 0)
            return;
        long trimmed = 0;
        foreach (TrimmedRun run in _journal.Trims)
        {
            for (uint page = run.First; page < run.First + run.Count; page++)
            {
                if (_map[page] == PhysicalPage.None.Value || SequenceOf(page) > run.Sequence)
                    continue;
                _map[page] = PhysicalPage.None.Value;
                trimmed++;
            }
        }

        long lost = 0;
        foreach (uint entry in Map)
            lost += entry == PhysicalPage.Lost.Value ? 1 : 0;
        _report = _report with { PagesTrimmed = trimmed, PagesLost = lost };
        Step($"{trimmed} pages trimmed by the journal, {lost} lost");
    }

    private ulong SliceSequence(uint logicalPage) => _sliceSequences[logicalPage / Chunk.MapEntries];

    /// <summary>Sequence of the newest contents of a logical page that are known of; 0 for none.</summary>
    private ulong SequenceOf(uint logicalPage)
    {
        uint physical = _map[logicalPage];
        if (physical < PhysicalPage.Lost.Value)
            return _flash.ScanSpare(new PhysicalPage(physical)).Sequence;
        return physical == PhysicalPage.Lost.Value ? _damaged.GetValueOrDefault(logicalPage) : 0;
    }
}
