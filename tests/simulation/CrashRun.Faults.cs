using Emulator.Device;
using Emulator.Ftl.Persistence;
using Emulator.Wire;

namespace Emulator.SimulationTests;

/// <summary>What fails beside the power: pages, programs, erases, and writes to the system area.</summary>
internal sealed partial class CrashRun
{
    /// <summary>A superblock that cannot be erased is gone: a small drive can do without so many.</summary>
    private const int MostEraseFailures = 2;

    private const int LeastSuperblocksForEraseFailures = 24;

    /// <summary>Pages of namespaces that cannot be read, or could not be before they were written again.</summary>
    private readonly HashSet<(uint Nsid, int Page)> _damaged = [];
    private int _eraseFailures;

    private void MaybeFail()
    {
        if (_random.Chance(1))
            _drive!.Inject(_random.Chance(50) ? SystemAreaFault.Lost : SystemAreaFault.Torn, (SystemWrite)_random.Below(3));
        if (_random.Below(1000) >= _scenario.MediaFaults)
            return;
        switch (_random.Below(4))
        {
            case 0:
                FailBlocks();
                break;
            case 1 when _eraseFailures < MostEraseFailures
                && _scenario.Format.Geometry.BlocksPerPlane >= LeastSuperblocksForEraseFailures:
                _eraseFailures++;
                Inject(FaultKind.EraseFailure, count: 1, place: FaultCommand.AnyDie);
                break;
            default:
                Inject(FaultKind.ProgramFailure, count: 1 + _random.Below(2), place: FaultCommand.AnyDie);
                break;
        }
    }

    private void FailBlocks()
    {
        (uint nsid, ReferenceDisk disk) = AnyDisk(_random);
        (int first, int count) = AnyRange(disk);
        count = Math.Min(count, 3);
        for (int block = first; block < first + count; block++)
            _damaged.Add((nsid, PageOf(disk, block)));
        Inject(FaultKind.MediaError, count: 0, (uint)first, nsid, (uint)count);
    }

    private void Inject(FaultKind kind, int count, uint place, uint nsid = 0, uint value = 0)
    {
        CommandOutcome outcome = _host.Admin(
            AdminOpcode.Fault, nsid: nsid, cdw10: ((uint)kind << 8) | ((uint)count << 16), cdw11: place, cdw13: value);
        if (!outcome.IsSuccess)
            throw Failure($"a fault of kind {kind} cannot be injected: {outcome.Status}");
        Trace?.Invoke($"fault: {kind}, {count}, {place}, {nsid}, {value}");
    }

    /// <summary>Whether a command about some blocks may fail because of the medium.</summary>
    private bool MayFail(uint nsid, ReferenceDisk disk, int first, int count)
    {
        for (int page = PageOf(disk, first); page <= PageOf(disk, first + count - 1); page++)
        {
            if (_damaged.Contains((nsid, page)))
                return true;
        }

        return false;
    }

    private static int PageOf(ReferenceDisk disk, int block) => block * disk.BlockBytes / 4096;
}
