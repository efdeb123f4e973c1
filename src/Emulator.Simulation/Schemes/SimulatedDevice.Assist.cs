using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Simulation.Migrations;
using Emulator.Wire;

namespace Emulator.Simulation.Schemes;

/// <summary>
/// What the drive does for a migration with assist. The copy reads as its manager, so that the drive retains what the VM wrote
/// until it was copied and reads ahead of the copy; what the VM ever wrote, and what is dirty, the drive says.
/// </summary>
internal sealed partial class SimulatedDevice
{
    private const int Advancing = 1;

    /// <summary>More than there are on any drive that is simulated, so that every list is whole.</summary>
    private const int MostRanges = 1 << 22;

    private readonly VmManager? _manager;

    /// <summary>Begins the migration at the drive.</summary>
    /// <returns>What the VM ever wrote: log page D4h.</returns>
    public IReadOnlyList<(ulong StartLba, ulong Blocks)> BeginAssist(SimTime now)
    {
        _manager!.SetMigration(now, VmMigrationFlags.Active);
        return InBlocks(_manager.ReadRanges(now, LogPageId.VmWrittenRanges));
    }

    /// <summary>Another round begins.</summary>
    /// <returns>What it has to copy, in the eyes of the drive: log page D3h, which is advanced.</returns>
    public IReadOnlyList<(ulong StartLba, ulong Blocks)> NextRound(SimTime now) =>
        InBlocks(_manager!.ReadRanges(now, LogPageId.VmDirtyRanges, Advancing));

    /// <summary>The VM is paused: the drive reads what is dirty ahead of the copy.</summary>
    public void Halt(SimTime now) => _manager!.SetMigration(now, VmMigrationFlags.Active | VmMigrationFlags.Halted);

    /// <summary>What came of it: log page D0h.</summary>
    public VmMigrationStatus AssistStatus(SimTime now) => _manager!.ReadStatus(now);

    private static DriveOptions Assisting(DriveOptions options) =>
        options with { Managers = [MigrationRun.ManagerNqn], MaxReportedRanges = MostRanges };

    private QueuePair QueueOf(int tag) => _manager != null && SchemeRun.IsCopy(tag) ? _manager.Host.IoQueues[0] : _queue;

    private (ulong StartLba, ulong Blocks)[] InBlocks(List<ByteRange> ranges) =>
        [.. ranges.Select(range => ((ulong)range.Offset >> BlockShift, (ulong)range.Length >> BlockShift))];
}
