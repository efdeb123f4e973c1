using System.Runtime.InteropServices;

namespace Emulator.Spdk.Interop;

// Structures of emulator_spdk.h, field by field. LayoutTable compares them with what the library says of itself.

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AppOptions
{
    public uint Size;
    public uint MemoryMib;
    public byte* Name;
    public byte* CoreMask;
    public byte* RpcSocket;
    public byte* Config;
    public delegate* unmanaged[Cdecl]<void*, uint, byte*, void> Log;
    public void* LogContext;
    public delegate* unmanaged[Cdecl]<void*, void> Started;
    public void* Context;
    public byte NoHugePages;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HostOptions
{
    public uint Size;
    public uint QueueEntries;
    public byte* Transport;
    public byte* HostNqn;
    public uint KeepAliveMs;
    public uint Reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal struct HostInfo
{
    public ushort ControllerId;
    public ushort Reserved;
    public uint MaxTransferBytes;
    public uint Namespaces;
    public uint Reserved2;
}

[StructLayout(LayoutKind.Sequential)]
internal struct HostNamespace
{
    public ulong Blocks;
    public uint BlockBytes;
    public uint IsActive;
}

/// <summary>enum emu_transport_type.</summary>
internal enum NativeTransport : byte
{
    Other = 0,
    Tcp = 1,
    Rdma = 2,
    VfioUser = 3,
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ConnectInfo
{
    public void* Command;
    public void* Data;
    public byte* Subsystem;
    public byte* Peer;
    public byte* Listener;
    public ushort ControllerId;
    public NativeTransport Transport;
    public byte Reserved0;
    public uint Reserved1;
    public ulong Connection;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeCommand
{
    public void* Entry;
    public void* Data;
    public uint Length;
    public uint Reserved;
    public nint Request;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct NativeOutcome
{
    public uint Dw0;
    public uint Dw1;
    public ushort Status;
    public byte Pending;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DeviceFunctions
{
    public uint Size;
    public uint Reserved;
    public void* Context;
    public delegate* unmanaged[Cdecl]<void*, ulong, ConnectInfo*, ulong*, NativeOutcome*, void> Connect;
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, void> Disconnect;
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, NativeCommand*, NativeOutcome*, void> Submit;
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, NativeCommand*, NativeCommand*, NativeOutcome*, NativeOutcome*, void> SubmitFused;
    public delegate* unmanaged[Cdecl]<void*, ulong, uint> Poll;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NamespaceEntry
{
    public uint Nsid;
    public uint BlockBytes;
    public ulong Blocks;
    public fixed byte Nguid[16];
    public fixed byte Eui64[8];
    public fixed byte Uuid[16];
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SubsystemEntry
{
    public byte* Nqn;
    public byte* Serial;
    public byte* Model;
    public ushort FirstControllerId;
    public ushort LastControllerId;
    public uint NamespaceCount;
    public NamespaceEntry* Namespaces;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ListenerEntry
{
    public byte* Transport;
    public byte* Address;
    public byte* Service;
    public byte IsIpv6;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TargetOptionsEntry
{
    public uint Size;
    public uint SubsystemCount;
    public byte* Name;
    public SubsystemEntry* Subsystems;
    public ListenerEntry* Listeners;
    public uint ListenerCount;
    public uint MaxTransferBytes;
    public uint InCapsuleBytes;
    public ushort MaxQueueEntries;
    public ushort MaxIoQueues;
    public DeviceFunctions* Device;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ControllerSettings
{
    public ulong Cap;
    public uint Vs;
    public uint Cc;
    public uint Csts;
    public uint KeepAliveMs;
    public ushort IoQueues;
    public ushort ControllerId;
    public uint MaxTransferBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal struct TargetCounters
{
    public ulong Commands;
    public ulong Staged;
    public ulong Connections;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LayoutEntry
{
    public byte* Name;
    public uint Value;
    public uint Reserved;
}
