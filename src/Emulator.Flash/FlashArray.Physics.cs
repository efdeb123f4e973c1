using Emulator.Core;
using Emulator.Flash.Faults;
using Emulator.Flash.Physics;

namespace Emulator.Flash;

/// <summary>Operations of flash that takes time and fails, and what the loss of power does to them.</summary>
public sealed unsafe partial class FlashArray
{
    private readonly UnfinishedOperations? _unfinished;

    /// <summary>Pages that were damaged on demand, or were moved when they could not be read any more.</summary>
    private readonly HashSet<uint> _lost = [];

    /// <summary>
    /// What is to go wrong because somebody asks for it. Flash without a model of its physics has one from now on that
    /// takes no time.
    /// </summary>
    public InjectedFaults Faults => Physical().Faults;

    /// <summary>A programmed page cannot be read any more until its superblock is erased.</summary>
    public void Damage(PhysicalPage page)
    {
        CheckProgrammed(page);
        Physical();
        _lost.Add(page.Value);
    }

    private FlashPhysics Physical() => _physics ??= new FlashPhysics(Geometry, CellType.Slc, timing: null, errors: null);

    /// <summary>
    /// The power goes: what has not begun by then never happens, what is under way leaves garbage that fails its
    /// checksum, and what waits in the register of a die for the rest of its program operation is gone. Nothing may be
    /// called afterwards.
    /// </summary>
    public void PowerCut(SimTime at)
    {
        for (int superblock = 0; superblock < _programmed.Length; superblock++)
        {
            PhysicalPage first = Geometry.FirstPageOf(superblock);
            int waiting = _programmed[superblock] % Geometry.ProgramPages;
            new Span<SpareArea>(_spare + first.Value + _programmed[superblock] - waiting, waiting).Clear();
        }

        _unfinished?.PowerCut(at);
    }

    private MediumResult ReadPhysical(SimTime now, PhysicalPage page, int superblock, int bytes, bool isBackground)
    {
        uint index = page.Value - Geometry.FirstPageOf(superblock).Value;
        MediumResult result = _physics!.Read(now, superblock, index, _programmed[superblock], bytes, isBackground);
        return _lost.Count != 0 && _lost.Contains(page.Value)
            ? new MediumResult(result.Done, MediumStatus.Uncorrectable)
            : result;
    }

    private MediumResult ProgramPhysical(SimTime now, PhysicalPage page)
    {
        int superblock = Geometry.SuperblockOf(page);
        uint index = page.Value - Geometry.FirstPageOf(superblock).Value;
        MediumResult result = _physics!.Program(now, superblock, index, _spare[page.Value].Form.Length);
        int count = Geometry.ProgramPages;
        if ((index + 1) % (uint)count != 0)
            return result;

        _unfinished?.AddProgram(
            new PhysicalPage(page.Value - (uint)count + 1),
            count,
            result.Done - _physics.ProgramTime(index),
            result.IsSuccess ? result.Done : SimTime.Never);
        if (!result.IsSuccess)
            _spare[page.Value] = default;
        return result;
    }

    private MediumResult MovePhysical(SimTime now, PhysicalPage from, int superblock, PhysicalPage to)
    {
        MediumResult read = ReadPhysical(now, from, superblock, _spare[from.Value].Form.Length, isBackground: true);
        MediumResult programmed = ProgramPhysical(read.Done, to);
        if (read.IsSuccess || !programmed.IsSuccess)
            return programmed;
        _lost.Add(to.Value);
        return new MediumResult(programmed.Done, read.Status);
    }

    private MediumResult ErasePhysical(SimTime now, int superblock)
    {
        MediumResult result = _physics!.Erase(now, superblock, out SimTime begins);
        _unfinished?.AddErase(superblock, _programmed[superblock], begins, result.Done);
        if (_lost.Count != 0)
            _lost.RemoveWhere(page => Geometry.SuperblockOf(new PhysicalPage(page)) == superblock);
        return result;
    }
}
