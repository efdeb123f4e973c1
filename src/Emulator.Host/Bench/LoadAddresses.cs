using Emulator.Core;

namespace Emulator.Host.Bench;

/// <summary>Where the commands of a load go, one after the other; the same for the drive that is served and for its model.</summary>
/// <param name="positions">Places that a command may go to, each as long as a command.</param>
internal sealed class LoadAddresses(LoadCase load, ulong positions, ulong seed)
{
    private readonly SeededRandom _random = new(seed);
    private ulong _next;

    public ulong NextPosition() => load.IsRandom ? _random.Below(positions) : _next++ % positions;
}
