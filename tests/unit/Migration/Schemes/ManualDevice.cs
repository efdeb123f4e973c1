using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>A block device whose commands complete when the test says so.</summary>
internal sealed class ManualDevice(int blocks) : IBlockDevice
{
    public List<(int Tag, BlockRequest Request)> Outstanding { get; } = [];

    public int BlockShift => 12;

    public ulong BlockCount => (ulong)blocks;

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data) => Outstanding.Add((tag, request));

    /// <summary>Completes the oldest command.</summary>
    public BlockRequest Complete(SchemeRun run, bool isSuccess = true, SimTime now = default)
    {
        (int tag, BlockRequest request) = Outstanding[0];
        Outstanding.RemoveAt(0);
        run.Completed(now, tag, isSuccess);
        return request;
    }
}
