using Emulator.Core;

namespace Emulator.UnitTests.Device;

/// <summary>The time of a test, shared by a drive's hosts; it moves when the test says so.</summary>
public sealed class TestClock
{
    public SimTime Now { get; private set; } = SimTime.Zero;

    /// <summary>Moves the time, and has the subsystem do whatever becomes due on the way, each at its time.</summary>
    public void Advance(Emulator.Device.ISubsystem subsystem, SimDuration duration)
    {
        SimTime end = Now + duration;
        while (subsystem.NextEvent <= end)
        {
            Now = SimTime.Max(Now, subsystem.NextEvent);
            subsystem.Advance(Now);
        }

        Now = end;
    }
}
