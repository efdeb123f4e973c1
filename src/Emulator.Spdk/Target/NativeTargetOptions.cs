using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;

namespace Emulator.Spdk;

/// <summary>The options of a target as the shim wants them, for the length of a call.</summary>
internal sealed unsafe class NativeTargetOptions : IDisposable
{
    private readonly NativeStrings _strings = new();
    private readonly List<nint> _blocks = [];

    public NativeTargetOptions(SpdkTargetOptions options, DeviceFunctions functions)
    {
        TargetOptionsEntry* entry = Allocate<TargetOptionsEntry>(1);
        DeviceFunctions* device = Allocate<DeviceFunctions>(1);
        *device = functions;
        *entry = new TargetOptionsEntry
        {
            Size = (uint)sizeof(TargetOptionsEntry),
            SubsystemCount = (uint)options.Subsystems.Count,
            Name = _strings.Add(options.Name),
            Subsystems = Allocate<SubsystemEntry>(options.Subsystems.Count),
            Listeners = Allocate<ListenerEntry>(options.Listeners.Count),
            ListenerCount = (uint)options.Listeners.Count,
            MaxTransferBytes = (uint)options.MaxTransferBytes,
            InCapsuleBytes = (uint)options.InCapsuleDataBytes,
            MaxQueueEntries = (ushort)options.MaxQueueEntries,
            MaxIoQueues = (ushort)options.MaxIoQueues,
            Device = device,
        };
        for (int i = 0; i < options.Subsystems.Count; i++)
            entry->Subsystems[i] = Describe(options.Subsystems[i]);
        for (int i = 0; i < options.Listeners.Count; i++)
            entry->Listeners[i] = Describe(options.Listeners[i]);
        Pointer = entry;
    }

    public TargetOptionsEntry* Pointer { get; }

    public void Dispose()
    {
        _strings.Dispose();
        _blocks.ForEach(block => NativeMemory.Free((void*)block));
    }

    private SubsystemEntry Describe(SpdkSubsystemOptions subsystem)
    {
        NamespaceEntry* namespaces = Allocate<NamespaceEntry>(subsystem.Namespaces.Count);
        for (int i = 0; i < subsystem.Namespaces.Count; i++)
        {
            SpdkNamespaceOptions ns = subsystem.Namespaces[i];
            namespaces[i] = new NamespaceEntry { Nsid = ns.Nsid, BlockBytes = (uint)ns.BlockBytes, Blocks = ns.Blocks };
            ns.Nguid.CopyTo(new Span<byte>(namespaces[i].Nguid, 16));
            ns.Eui64.CopyTo(new Span<byte>(namespaces[i].Eui64, 8));
            ns.Uuid.CopyTo(new Span<byte>(namespaces[i].Uuid, 16));
        }

        return new SubsystemEntry
        {
            Nqn = _strings.Add(subsystem.Nqn),
            Serial = _strings.Add(subsystem.Serial),
            Model = _strings.Add(subsystem.Model),
            FirstControllerId = subsystem.FirstControllerId,
            LastControllerId = subsystem.LastControllerId,
            NamespaceCount = (uint)subsystem.Namespaces.Count,
            Namespaces = namespaces,
        };
    }

    private ListenerEntry Describe(SpdkListener listener) => new()
    {
        Transport = _strings.Add(SpdkListener.NameOf(listener.Transport)),
        Address = _strings.Add(listener.Address),
        Service = _strings.Add(listener.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        IsIpv6 = listener.Address.Contains(':') ? (byte)1 : (byte)0,
    };

    private T* Allocate<T>(int count)
        where T : unmanaged
    {
        void* block = NativeMemory.AllocZeroed((nuint)Math.Max(count, 1), (nuint)sizeof(T));
        _blocks.Add((nint)block);
        return (T*)block;
    }
}
