using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What a direct transfer is to do, as Direct Transfer Start says, with the defaults filled in.</summary>
public sealed record TransferPlan
{
    public const int DefaultSharePercent = 20;

    /// <summary>Hosts wait for as long, and give their commands up after 30 seconds.</summary>
    public static readonly SimDuration ReconnectTimeUnderScheme = SimDuration.FromSeconds(15);

    public required PeerRequest Peer { get; init; }

    public DirectTransferMode Mode { get; init; }

    public DirectTransferForm Form { get; init; }

    /// <summary>None for rounds of the VM's dirty tracking.</summary>
    public DirectTransferScheme Scheme { get; init; }

    /// <summary>How the scheme works, but for what follows from the VM and the connection; null without one.</summary>
    public SchemeOptions? SchemeOptions { get; init; }

    /// <summary>The snapshot that the destination holds, for a delta.</summary>
    public ushort Snapshot { get; init; }

    /// <summary>Base-two logarithm of the bytes of a range that is compared.</summary>
    public int ChecksumRangeShift { get; init; } = 16;

    /// <summary>The VM at the destination.</summary>
    public ushort TargetThere { get; init; }

    /// <summary>Make it an active destination, if it is idle.</summary>
    public bool Activates { get; init; }

    /// <summary>Send the storage state too.</summary>
    public bool SendsState { get; init; } = true;

    /// <summary>The destination is to warm its cache when the migration completes.</summary>
    public bool WarmsCache { get; init; }

    /// <summary>0 for no limit.</summary>
    public ulong BytesPerSecond { get; init; }

    /// <summary>How much of the drive's work the transfer may be while hosts keep it busy, 1 to 100.</summary>
    public int SharePercent { get; init; } = DefaultSharePercent;

    /// <summary>The share grows while rounds of dirty tracking do not get smaller.</summary>
    public bool RaisesShare { get; init; }

    /// <summary>No further round begins by itself while no more bytes than this are dirty.</summary>
    public ulong ConvergedBytes { get; init; } = 16 << 20;

    /// <summary>For how long a lost connection is tried anew.</summary>
    public SimDuration ReconnectTime { get; init; } = SimDuration.FromSeconds(60);
}
