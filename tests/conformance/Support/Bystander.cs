using Emulator.Core;
using Emulator.Tcp;

namespace Emulator.ConformanceTests;

/// <summary>A host that keeps to the rules, and notices when somebody else's misdeeds reach it.</summary>
public sealed class Bystander(HostQueue queue)
{
    private const int BlockBytes = 4096;

    /// <summary>The bystander's own blocks, past those that other tests of this suite write to.</summary>
    private const ulong FirstBlock = 12_000;

    private readonly SeededRandom _random = new(7);
    private readonly byte[] _written = new byte[BlockBytes];
    private readonly byte[] _read = new byte[BlockBytes];

    public void AssertUndisturbed()
    {
        ulong lba = FirstBlock + _random.Below(1000UL);
        _random.Fill(_written);
        Assert.True(queue.Execute(HostCommands.Write(1, lba, 1), _written).IsSuccess);
        Assert.True(queue.Execute(HostCommands.Read(1, lba, 1), _read).IsSuccess);
        Assert.Equal(_written, _read);
    }
}
