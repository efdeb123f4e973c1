using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Simulation.Planning;

/// <summary>Measures the traits of a modelled drive in virtual time, as an operator would those of a real one.</summary>
public static class MediumProbe
{
    private const int Depth = 32;
    private const int LoneRequests = 200;

    /// <summary>How long a load runs before it counts, and how long it does: a write cache is full by then.</summary>
    private static readonly SimDuration WarmUp = SimDuration.FromSeconds(1);
    private static readonly SimDuration Counted = SimDuration.FromSeconds(2);

    /// <summary>Long enough for a drive to finish what it began.</summary>
    private static readonly SimDuration Pause = SimDuration.FromMilliseconds(50);

    /// <param name="image">Bytes at the begin of the drive that are written once before and used then.</param>
    public static MediumTraits Measure(DriveOptions drive, bool isSsd, long image) => new()
    {
        IsSsd = isSsd,
        HasArm = drive.Profile?.Disk != null,
        ReadBytesPerSecond = MediumTraits.LargeBytes * Rate(drive, image, new Load(BlockOperation.Read, MediumTraits.LargeBytes, 1, IsSequential: true)),
        WriteBytesPerSecond = MediumTraits.LargeBytes * Rate(drive, image, new Load(BlockOperation.Write, MediumTraits.LargeBytes, 1, IsSequential: true)),
        ReadIops = Rate(drive, image, new Load(BlockOperation.Read, MediumTraits.SmallBytes, Depth, IsSequential: false)),
        WriteIops = Rate(drive, image, new Load(BlockOperation.Write, MediumTraits.SmallBytes, Depth, IsSequential: false)),
        ReadSeconds = LoneSeconds(drive, image, new Load(BlockOperation.Read, MediumTraits.SmallBytes, 1, IsSequential: false)),
        WriteSeconds = LoneSeconds(drive, image, new Load(BlockOperation.Write, MediumTraits.SmallBytes, 1, IsSequential: false)),
        CacheBytes = drive.CacheBytes,
    };

    private static double Rate(DriveOptions drive, long image, Load load)
    {
        using var run = new ProbeRun(drive, image, load);
        run.Go(WarmUp);
        long before = run.Completed;
        run.Go(Counted);
        return (run.Completed - before) / (Counted.Nanoseconds / 1e9);
    }

    private static double LoneSeconds(DriveOptions drive, long image, Load load)
    {
        using var run = new ProbeRun(drive, image, load);
        return run.Lone(LoneRequests, Pause).Nanoseconds / 1e9;
    }

    private sealed record Load(BlockOperation Operation, int Bytes, int Depth, bool IsSequential);

    private sealed class ProbeRun : IDisposable
    {
        private readonly Load _load;
        private readonly SimulatedDevice _device;
        private readonly SeededRandom _random = new(1);
        private readonly uint _blocks;
        private SimTime _now;
        private ulong _cursor;
        private int _outstanding;

        public ProbeRun(DriveOptions drive, long image, Load load)
        {
            _load = load;
            _device = new SimulatedDevice(drive, image, load.Depth, keepsContents: false);
            _blocks = (uint)(load.Bytes >> _device.BlockShift);
            _now = _device.Fill(SimTime.Zero, image);
        }

        public long Completed { get; private set; }

        public void Go(SimDuration duration)
        {
            SimTime end = _now + duration;
            while (_now < end)
            {
                while (_outstanding < _load.Depth)
                    Submit();
                Step();
            }
        }

        /// <returns>The mean time of a request with nothing else going on.</returns>
        public SimDuration Lone(int requests, SimDuration pause)
        {
            var sum = SimDuration.Zero;
            for (int i = 0; i < requests; i++)
            {
                SimTime begin = _now;
                Submit();
                while (_outstanding > 0)
                    Step();
                sum += _now - begin;
                for (SimTime next = _now + pause; _device.NextEvent < next;)
                    Step();
                _now += pause;
            }

            return new SimDuration(sum.Nanoseconds / requests);
        }

        public void Dispose() => _device.Dispose();

        private void Submit()
        {
            _outstanding++;
            _device.Submit(_now, 0, new BlockRequest(_load.Operation, NextLba(), _blocks), default);
        }

        private ulong NextLba()
        {
            ulong places = _device.BlockCount / _blocks;
            return (_load.IsSequential ? _cursor++ % places : _random.Below(places)) * _blocks;
        }

        private void Step()
        {
            _now = SimTime.Max(_now, _device.NextEvent);
            _device.Advance(_now, (_, _, isSuccess) =>
            {
                Check.That(isSuccess);
                _outstanding--;
                Completed++;
            });
        }
    }
}
