using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Migration;
using Emulator.Simulation.Schemes;
using Emulator.UnitTests.Migration.Schemes;

namespace Emulator.UnitTests.Simulation.Schemes;

/// <summary>A modelled drive with contents, in the time of its profile, that can be made to fail.</summary>
internal sealed class ModelledDevice : ITestDevice
{
    /// <summary>Of a write of the test's own.</summary>
    private const int OwnWrite = -1;

    /// <summary>
    /// Of a read of the test's own, which is the copy's as far as a drive tells them apart: a VM that is paused reads nothing.
    /// </summary>
    private const int OwnRead = -2;

    private readonly SimulatedDevice _device;
    private readonly Dictionary<int, BlockRequest> _commands = [];
    private readonly EventQueue<int> _refused = new(4096);
    private readonly bool _assists;
    private bool _isDead;
    private bool _failsNextWrite;

    public ModelledDevice(string profile, int blocks, bool assists = false)
    {
        var drive = new DriveOptions
        {
            CapacityBytes = 64 << 20,
            Profile = DeviceProfile.Find(profile),
            Timing = DriveTiming.Model,
        };
        Assert.True(SchemeRun.IsCopy(OwnRead) && !SchemeRun.IsCopy(OwnWrite));
        _device = new SimulatedDevice(drive, (long)blocks << 12, 4096, keepsContents: true, assists);
        _assists = assists;
    }

    public int BlockShift => _device.BlockShift;

    public ulong BlockCount => _device.BlockCount;

    public SimTime NextEvent => SimTime.Min(_device.NextEvent, _refused.NextDue);

    /// <summary>Has every second run of blocks written by the VM, with zeroes.</summary>
    /// <returns>What the drive says that the VM wrote.</returns>
    public IReadOnlyList<(ulong StartLba, ulong Blocks)> WriteSome(uint run)
    {
        for (ulong lba = 0; lba < BlockCount; lba += 2 * run)
            _device.Submit(SimTime.Zero, OwnWrite, new BlockRequest(BlockOperation.Write, lba, run), new byte[run << BlockShift]);
        return _device.BeginAssist(SimTime.Zero);
    }

    /// <summary>Is full of something else.</summary>
    public void Scribble(SeededRandom random)
    {
        byte[] data = new byte[1 << BlockShift];
        for (ulong lba = 0; lba < BlockCount; lba++)
        {
            random.Fill(data);
            _device.Submit(SimTime.Zero, OwnWrite, new BlockRequest(BlockOperation.Write, lba, 1), data);
        }
    }

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
    {
        _commands.Add(tag, request);
        if (_isDead)
            _refused.Add(now + SimDuration.FromMicroseconds(1), tag);
        else
            _device.Submit(now, tag, request, data);
    }

    public void Advance(SimTime now, Action<SimTime, int, bool> completed)
    {
        while (_refused.TryTake(now, out int tag))
        {
            _commands.Remove(tag);
            completed(now, tag, false);
        }

        _device.Advance(now, (at, tag, isSuccess) =>
        {
            Assert.True(isSuccess);
            if (tag < 0)
                return;
            _commands.Remove(tag, out BlockRequest request);
            bool isFailedWrite = _failsNextWrite && request.Changes && !SchemeRun.IsCopy(tag);
            _failsNextWrite &= !isFailedWrite;
            completed(at, tag, !_isDead && !isFailedWrite);
        });
    }

    public byte[] Contents(SimTime now)
    {
        byte[] image = new byte[(int)BlockCount << BlockShift];
        const uint run = 16;
        for (ulong lba = 0; lba < BlockCount; lba += run)
        {
            Memory<byte> data = image.AsMemory((int)lba << BlockShift, (int)run << BlockShift);
            _device.Submit(now, OwnRead, new BlockRequest(BlockOperation.Read, lba, run), data);
        }

        return image;
    }

    public bool IsBeingWritten(ulong lba) =>
        _commands.Values.Any(request => request.Changes && request.StartLba <= lba && lba < request.End);

    public void Die() => _isDead = true;

    public void FailNextWrite() => _failsNextWrite = true;

    public void RoundBegan(SimTime now)
    {
        if (_assists)
            _device.NextRound(now);
    }

    public void Paused(SimTime now)
    {
        if (_assists)
            _device.Halt(now);
    }

    public void Dispose() => _device.Dispose();
}
