using System.Net;
using Emulator.Device;

namespace Emulator.Tcp;

/// <summary>What a target serves, and where.</summary>
public sealed record TargetOptions
{
    /// <summary>Addresses to listen on; port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listeners { get; init; }

    /// <summary>Subsystems that can be connected to on each of the listeners.</summary>
    public required IReadOnlyList<ISubsystem> Subsystems { get; init; }

    /// <summary>MAXH2CDATA: bytes of data in one H2CData PDU, a multiple of 4 and at least 4096.</summary>
    public int MaxH2CDataBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Data buffers that one connection may hold, in bytes. Further commands wait, so that a host that asks and does not
    /// take, or announces and does not send, uses up its own share only.
    /// </summary>
    public int BufferBytesPerConnection { get; init; } = 8 << 20;

    /// <summary>Connections at once; a further one is closed as soon as it is accepted.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Until when a new connection has to have sent its Connect command.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For how long the reactor polls at most after it last had something to do, before it sleeps in the kernel. It polls for less where
    /// that was in vain of late, so that the processor is others'.
    /// </summary>
    public TimeSpan SpinTime { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>When a read may be completed by its last data PDU alone.</summary>
    public SuccessFlagUse SuccessFlag { get; init; } = SuccessFlagUse.WithoutFlowControl;
}

/// <summary>When C2HData may carry SUCCESS in place of a response capsule (TCP Transport 1.1, 3.6.2.9).</summary>
public enum SuccessFlagUse
{
    /// <summary>On queues without submission queue flow control, as the specification has it.</summary>
    WithoutFlowControl,

    /// <summary>Never: every command gets its response capsule.</summary>
    Never,

    /// <summary>On every queue, for hosts that do not follow the submission queue head.</summary>
    Always,
}
