using System.Net;
using System.Text.Json.Serialization;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>Who carries the data.</summary>
internal enum MoveThrough
{
    /// <summary>The source drive, by itself (commands C5h and C8h).</summary>
    Drive,

    /// <summary>This process reads from the one drive and writes to the other, as log pages D3h and D4h say.</summary>
    Host,
}

/// <summary>
/// What a migration is, as the command line says; it is kept in the journal, so that whoever resumes it needs nothing else.
/// </summary>
internal sealed record MigrateOptions
{
    /// <summary>
    /// Half of the time after which Linux gives a command up: under a scheme, commands of the VM wait for the connection.
    /// </summary>
    public const int DefaultReconnectSeconds = 15;

    /// <summary>
    /// A VM that loses a fifth of its writes for some seconds is slower; one that loses more is taken for broken by somebody, and that is for
    /// the operator to decide.
    /// </summary>
    public const int DefaultHoldBackPercent = 80;

    /// <summary>All of its writes: the VM is not held back.</summary>
    public const int NoHoldBack = 100;

    /// <summary>Source drive, ADDRESS:PORT.</summary>
    public required string From { get; init; }

    /// <summary>Destination drive, ADDRESS:PORT.</summary>
    public required string To { get; init; }

    public required string Subsystem { get; init; }

    /// <summary>Host NQN of this process, a manager at both drives; the source drive connects with it too.</summary>
    public required string Manager { get; init; }

    /// <summary>The VM at the source: a handle, or its host NQN.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM at the destination, likewise.</summary>
    public required string VmThere { get; init; }

    /// <summary>Where the source drive finds the destination; null for <see cref="To"/>.</summary>
    public string? TransferTo { get; init; }

    public MoveThrough Through { get; init; }

    /// <summary>What the first pass moves; null lets what the drives tell decide.</summary>
    public DirectTransferMode? Mode { get; init; }

    /// <summary>For a first pass of what changed since it.</summary>
    public ushort Snapshot { get; init; }

    public DirectTransferForm Form { get; init; }

    /// <summary>Where the VM's commands go while it is moved.</summary>
    public DirectTransferScheme Scheme { get; init; }

    /// <summary>Most bytes of data a second; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    public int Queues { get; init; }

    public int Depth { get; init; }

    /// <summary>Bytes of a command that moves data, a power of two; 0 for the default.</summary>
    public int CommandBytes { get; init; }

    public int SharePercent { get; init; }

    /// <summary>For how long a lost connection that data moves over is tried anew.</summary>
    public int ReconnectSeconds { get; init; } = DefaultReconnectSeconds;

    /// <summary>The black-out must be predicted to be shorter before the VM is paused.</summary>
    public double MaxDowntimeMs { get; init; } = 300;

    /// <summary>For how long rounds may go on after the first pass.</summary>
    public double PatienceSeconds { get; init; } = 60;

    /// <summary>
    /// Least share of what it wrote a second before that the VM keeps when it is held back, in percent; <see cref="NoHoldBack"/> leaves it alone.
    /// </summary>
    public int HoldBackPercent { get; init; } = DefaultHoldBackPercent;

    /// <summary>Switch also if the goal cannot be reached.</summary>
    public bool ForceSwitch { get; init; }

    public bool NoState { get; init; }

    public bool WarmCache { get; init; }

    public bool EraseSource { get; init; }

    /// <summary>The destination keeps a snapshot of each namespace as it was when the VM switched.</summary>
    public bool SnapshotAtSwitch { get; init; }

    /// <summary>QMP sockets, a path or HOST:PORT; null for a VM that stays where it is.</summary>
    public string? QmpFrom { get; init; }

    public string? QmpTo { get; init; }

    /// <summary>Where the destination's QEMU is, as the source's is told: tcp:HOST:PORT.</summary>
    public string? RamUri { get; init; }

    /// <summary>Where the destination's QEMU is to listen; null if it does already.</summary>
    public string? RamListen { get; init; }

    /// <summary>Most bytes of RAM a second; 0 for no limit.</summary>
    public long RamBytesPerSecond { get; init; }

    /// <summary>For how long the fence has to have turned nothing away when the VM is paused, so that it heard what became of its commands.</summary>
    public double DrainMs { get; init; } = 5;

    [JsonIgnore]
    public bool MovesVm => QmpFrom != null;

    [JsonIgnore]
    public IPEndPoint SourceEndPoint => IPEndPoint.Parse(From);

    [JsonIgnore]
    public IPEndPoint DestinationEndPoint => IPEndPoint.Parse(To);

    [JsonIgnore]
    public IPEndPoint TransferEndPoint => IPEndPoint.Parse(TransferTo ?? To);
}
