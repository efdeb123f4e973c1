using Emulator.Spdk.Interop;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>
/// The device behind a target. Every method is called on the thread of the application, which owns the device, and is on the
/// path of commands. An exception faults the device (<see cref="Fault"/>); it does not reach SPDK.
/// </summary>
public interface ISpdkDevice
{
    /// <summary>The target serves; before this nothing else is called.</summary>
    void Started(SpdkTarget target);

    /// <summary>
    /// A host connected a queue; what is refused here the host is refused. Dword 0 of an admin queue that may connect is the
    /// number of its controller from now on: SPDK's, or another that it has not (<see cref="SpdkTarget.HasController"/>).
    /// </summary>
    /// <param name="now">Nanoseconds since the target was made.</param>
    /// <param name="queue">What the queue is called from now on; not 0.</param>
    SpdkOutcome Connect(ulong now, in SpdkConnect connect, out ulong queue);

    /// <summary>The connection of a queue is gone, and with it the commands of it that are pending.</summary>
    void Disconnect(ulong now, ulong queue);

    /// <summary>Executes a command; a Property Set that SPDK has executed comes too, for its effect.</summary>
    SpdkOutcome Submit(ulong now, ulong queue, in SpdkCommand command);

    /// <summary>Executes a Compare and a Write that are fused.</summary>
    /// <returns>The outcome of the second.</returns>
    SpdkOutcome SubmitFused(ulong now, ulong queue, in SpdkCommand first, in SpdkCommand second, out SpdkOutcome firstOutcome);

    /// <summary>Does what is due; once a round of the reactor.</summary>
    /// <returns>Whether anything was done.</returns>
    bool Poll(ulong now);

    /// <summary>Something that cannot happen has happened within a call.</summary>
    void Fault(ulong now, Exception fault);
}

/// <summary>A command and its data, which are valid until it completes.</summary>
public readonly unsafe struct SpdkCommand
{
    private readonly NativeCommand* _command;

    internal SpdkCommand(NativeCommand* command) => _command = command;

    public ref readonly SubmissionEntry Entry => ref *(SubmissionEntry*)_command->Entry;

    public Span<byte> Data => new(_command->Data, (int)_command->Length);

    /// <summary>For <see cref="SpdkTarget.Complete"/>, if the command is pending.</summary>
    public nint Request => _command->Request;
}

/// <summary>A queue that a host has connected; valid during the call.</summary>
public readonly unsafe struct SpdkConnect
{
    private readonly ConnectInfo* _info;

    internal SpdkConnect(ConnectInfo* info) => _info = info;

    public ref readonly ConnectCommand Command => ref *(ConnectCommand*)_info->Command;

    public ref readonly ConnectData Data => ref *(ConnectData*)_info->Data;

    public string Subsystem => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)_info->Subsystem)!;

    /// <summary>Where it comes from, for the log.</summary>
    public string Peer => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)_info->Peer)!;

    /// <summary>The address of the listener that it came to, as it was given.</summary>
    public string Listener => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)_info->Listener)!;

    /// <summary>By which transport; null for one that this does not know.</summary>
    public SpdkTransport? Transport => _info->Transport switch
    {
        NativeTransport.Tcp => SpdkTransport.Tcp,
        NativeTransport.Rdma => SpdkTransport.Rdma,
        NativeTransport.VfioUser => SpdkTransport.VfioUser,
        _ => null,
    };

    /// <summary>CNTLID that SPDK gave to the controller.</summary>
    public ushort ControllerId => _info->ControllerId;

    /// <summary>For <see cref="SpdkTarget.Close"/> and <see cref="SpdkTarget.SettingsOf"/>.</summary>
    public ulong Connection => _info->Connection;
}

/// <summary>The answer to a command.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Dw0">Dword 0 of its completion.</param>
/// <param name="Dw1">Dword 1 of its completion.</param>
/// <param name="IsPending">It has none yet: <see cref="SpdkTarget.Complete"/> gives it.</param>
public readonly record struct SpdkOutcome(Status Status, uint Dw0 = 0, uint Dw1 = 0, bool IsPending = false)
{
    public static SpdkOutcome Pending => new(default, IsPending: true);

    internal NativeOutcome ToNative() => new()
    {
        Dw0 = Dw0,
        Dw1 = Dw1,
        Status = Status.Value,
        Pending = IsPending ? (byte)1 : (byte)0,
    };
}
