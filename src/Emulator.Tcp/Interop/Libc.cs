using System.Runtime.InteropServices;

namespace Emulator.Tcp;

/// <summary>
/// The system calls that a polled transport makes. The framework's sockets allocate and go through a thread pool, which
/// a reactor has no use for. Calls that never block are made without telling the garbage collector
/// (<see cref="SuppressGCTransitionAttribute"/>): a 4 KiB exchange costs about a microsecond in all, of which the
/// transition would be a tenth.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EAgain = 11;
    public const int EIntr = 4;
    public const int EConnReset = 104;
    public const int EInProgress = 115;

    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;

    public const int SockNonBlock = 0x800;
    public const int SockCloseOnExec = 0x80000;

    public const int ShutWrite = 1;

    public const int EpollIn = 0x1;
    public const int EpollOut = 0x4;
    public const int EpollErr = 0x8;
    public const int EpollHup = 0x10;
    public const int EpollCtlAdd = 1;
    public const int EpollCtlDelete = 2;
    public const int EpollCtlModify = 3;

    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "recv", SetLastError = false), SuppressGCTransition]
    public static partial nint Receive(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Name, EntryPoint = "send", SetLastError = false), SuppressGCTransition]
    public static partial nint Send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Name, EntryPoint = "sendmsg", SetLastError = false), SuppressGCTransition]
    public static partial nint SendMessage(int fd, MessageHeader* message, int flags);

    [LibraryImport(Name, EntryPoint = "recvmsg", SetLastError = false), SuppressGCTransition]
    public static partial nint ReceiveMessage(int fd, MessageHeader* message, int flags);

    /// <summary>For a timeout of 0 only: it must not block.</summary>
    [LibraryImport(Name, EntryPoint = "epoll_wait", SetLastError = false), SuppressGCTransition]
    public static partial int EpollPoll(int epoll, EpollEvent* events, int maxEvents, int timeoutZero);

    [LibraryImport(Name, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, EpollEvent* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport(Name, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, EpollEvent* change);

    [LibraryImport(Name, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport(Name, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int fd, void* address, void* length, int flags);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int fd, int how);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Name, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int fd, int level, int option, int* value, int length);

    /// <summary>errno of the last call, also of those that suppress the transition: read it at once.</summary>
    public static int LastError => Marshal.GetLastSystemError();

    /// <summary>struct epoll_event, which is packed on x86-64 alone.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 12)]
    public struct EpollEvent
    {
        [FieldOffset(0)]
        public uint Events;

        [FieldOffset(4)]
        public ulong Data;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr of a connected socket without control data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
