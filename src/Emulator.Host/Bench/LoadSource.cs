using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>A load as the simulator takes it.</summary>
/// <param name="bytes">Capacity of the namespace.</param>
/// <param name="count">Commands; null until time ends them.</param>
internal sealed class LoadSource(LoadCase load, long bytes, ulong seed, long? count) : RequestSource
{
    private readonly LoadAddresses _addresses = new(load, (ulong)(bytes / load.Bytes), seed);
    private long _taken;

    public override bool IsOpenLoop => false;

    public override long? Count => count;

    public override bool TryNext(out Request request)
    {
        request = default;
        if (_taken == count)
            return false;
        _taken++;
        request.Kind = load.Opcode == IoOpcode.Read ? RequestKind.Read : RequestKind.Write;
        request.Offset = (long)_addresses.NextPosition() * load.Bytes;
        request.Length = load.Bytes;
        return true;
    }
}
