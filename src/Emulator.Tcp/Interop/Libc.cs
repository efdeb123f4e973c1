using System.Runtime.InteropServices;

namespace Emulator.Tcp;

/// <summary>
/// The calls of the C library on the data path. Sockets are made, bound and configured with
/// <see cref="System.Net.Sockets.Socket"/>; the bytes go through these, since Socket costs more than the system call on
/// small transfers. Calls that never block skip the garbage collector's transition; its thread suspension waits for them.
/// </summary>
internal static unsafe partial class Libc
{
    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;

    public const int Eintr = 4;
    public const int Eagain = 11;

    public const short PollIn = 0x001;
    public const short PollOut = 0x004;
    public const short PollErr = 0x008;
    public const short PollHup = 0x010;

    /// <summary>Receives what is there, without waiting: pass <see cref="MsgDontWait"/>.</summary>
    [LibraryImport("libc", EntryPoint = "recv")]
    [SuppressGCTransition]
    public static partial nint Receive(int socket, byte* buffer, nuint length, int flags);

    /// <summary>Sends what fits, without waiting: pass <see cref="MsgDontWait"/>.</summary>
    [LibraryImport("libc", EntryPoint = "send")]
    [SuppressGCTransition]
    public static partial nint Send(int socket, byte* buffer, nuint length, int flags);

    /// <summary>Waits for readiness; -1 milliseconds is for ever.</summary>
    [LibraryImport("libc", EntryPoint = "poll")]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    /// <summary>errno of the last call on this thread; ask before anything else is called.</summary>
    public static int LastError => Marshal.GetLastSystemError();
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int FileDescriptor;
    public short Events;
    public short Returned;
}
