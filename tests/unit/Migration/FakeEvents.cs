using Emulator.Migration;

namespace Emulator.UnitTests.Migration;

/// <summary>Counts the events of a monitor.</summary>
public sealed class FakeEvents : IVmEvents
{
    public int ThresholdCrossings { get; private set; }

    public void ThresholdExceeded(VmMonitor vm) => ThresholdCrossings++;
}
