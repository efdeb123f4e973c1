namespace Emulator.Host.Migrate;

/// <summary>
/// How long the VM would stand still if it were fenced now: what has to be moved at the rate at which it moves, what the VM
/// changes before the fence is up, what of its RAM is left, and the commands around it.
/// </summary>
internal sealed class BlackoutPrediction
{
    /// <summary>Commands one after another from the fence to the open path: halt, finish, progress, completed.</summary>
    private const int CommandsOfSwitch = 6;

    /// <summary>What drives do at the end of it all: the last round is made durable, the rest of the state told and applied.</summary>
    private const double FixedMs = 2;

    /// <summary>What QEMU does between the last page of RAM and the VM's next instruction.</summary>
    private const double DeviceStateMs = 30;

    /// <summary>Weight of the latest figure among those before it.</summary>
    private const double Weight = 0.25;

    private ulong _round;
    private ulong _dirty;
    private double _at;

    /// <summary>Bytes that the VM dirties a second, each counted once in a round.</summary>
    public double DirtyBytesPerSecond { get; private set; }

    /// <summary>Takes what is dirty at a moment, in seconds, of a round of dirty tracking.</summary>
    public void Observe(double seconds, ulong round, ulong dirtyBytes)
    {
        if (round == _round && seconds > _at && dirtyBytes >= _dirty)
            DirtyBytesPerSecond += Weight * (((dirtyBytes - _dirty) / (seconds - _at)) - DirtyBytesPerSecond);
        (_round, _dirty, _at) = (round, dirtyBytes, seconds);
    }

    /// <summary>In milliseconds; infinite while nothing moves that has to.</summary>
    public double Predict(MoverProgress progress, TimeSpan roundTrip, RamProgress? ram)
    {
        double lead = roundTrip.TotalSeconds;
        double bytes = progress.BytesToDo + progress.BytesDirty + (DirtyBytesPerSecond * lead);
        double dataMs = bytes == 0 ? 0 : bytes / progress.BytesPerSecond * 1e3;
        double ramMs = ram == null ? 0 : RamMs(ram) + DeviceStateMs;
        return Math.Max(dataMs, ramMs) + FixedMs + (CommandsOfSwitch * roundTrip.TotalMilliseconds);
    }

    private static double RamMs(RamProgress ram) =>
        ram.Remaining == 0 ? 0 : ram.BytesPerSecond == 0 ? double.PositiveInfinity : ram.Remaining / ram.BytesPerSecond * 1e3;
}
