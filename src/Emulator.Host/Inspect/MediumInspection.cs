using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Media;

namespace Emulator.Host.Inspect;

/// <summary>Looks at a medium without changing it: what a drive that mounts it would find.</summary>
internal sealed unsafe class MediumInspection : IDisposable
{
    /// <summary>Damaged pages that are named; the others are counted.</summary>
    private const int MostNamed = 10;

    private readonly FileMedium _medium;
    private readonly MediumFormat _format;
    private readonly FlashArray _flash;
    private readonly NativeMemoryBlock _map;
    private readonly Recovery _recovery;

    /// <exception cref="MediumException">The file is no medium, or no checkpoint of it is whole.</exception>
    public MediumInspection(string path)
    {
        _medium = MediumFile.Open(path, MediumAccess.ReadOnly, out _format);
        _map = new NativeMemoryBlock(_format.LogicalPages * sizeof(uint));
        _flash = new FlashArray(_medium);
        _recovery = new Recovery(_flash, _format, (uint*)_map.Pointer, path);
    }

    /// <exception cref="MediumException">The medium is damaged beyond what recovery can make good.</exception>
    public InspectionReport Look(bool verify)
    {
        CheckpointReader[] slots = [CheckpointReader.Open(_medium, _format, 0), CheckpointReader.Open(_medium, _format, 1)];
        RecoveryReport found = _recovery.Run();
        int[] erases = [.. _recovery.Superblocks.ToArray().Select(superblock => superblock.EraseCount)];
        return new InspectionReport
        {
            Path = _medium.Path,
            Format = _format,
            Layout = new FileLayout(_format),
            Slots = [.. slots.Select(slot => new SlotReport(slot.State, slot.Header.Generation, slot.Header.BeginSequence, slot.Header.EndSequence, slot.BadChunks))],
            Recovery = found,
            Sequence = _recovery.Sequence,
            Superblocks = [.. _recovery.Superblocks.ToArray().Select((superblock, i) => new SuperblockReport(
                i, superblock.Decision, superblock.ProgrammedPages, superblock.ValidPages, superblock.EraseCount))],
            Wear = new WearReport(erases.Min(), erases.Max(), erases.Average()),
            Metadata = MetadataSummary.Read(_recovery.Metadata),
            Verification = verify ? Verify() : null,
        };
    }

    public void Dispose()
    {
        _map.Dispose();
        _medium.Dispose();
    }

    /// <summary>Every page that a logical page is mapped to says so itself, and its checksum is right.</summary>
    private VerificationReport Verify()
    {
        long checkedPages = 0, damagedPages = 0;
        var named = new List<string>();
        for (uint page = 0; page < _format.LogicalPages; page++)
        {
            uint physical = ((uint*)_map.Pointer)[page];
            if (physical == PhysicalPage.None.Value)
                continue;
            checkedPages++;
            if (ProblemOf(page, physical) is not { } problem)
                continue;
            if (++damagedPages <= MostNamed)
                named.Add($"logical page {page}: {problem}");
        }

        return new VerificationReport(checkedPages, damagedPages, named);
    }

    private string? ProblemOf(uint page, uint physical)
    {
        if (physical == PhysicalPage.Lost.Value)
            return "lost";
        var at = new PhysicalPage(physical);
        SpareArea spare = _flash.ScanSpare(at);
        if (!spare.IsProgrammed)
            return $"physical page {physical} is erased";
        if (spare.LogicalPage != page)
            return $"physical page {physical} belongs to logical page {spare.LogicalPage}";
        return _flash.IsUndamaged(at) ? null : $"physical page {physical} has a wrong checksum";
    }
}
