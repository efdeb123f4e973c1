using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Spdk.Interop;

/// <summary>
/// What this code believes of the structures of emulator_spdk.h, in the terms of the library's own table, which it is
/// compared with before the first pointer is passed.
/// </summary>
internal static class LayoutTable
{
    /// <summary>Sizes by the name of the structure, offsets by structure and field.</summary>
    public static IReadOnlyDictionary<string, uint> Expected { get; } = Build();

    /// <summary>What the library says otherwise; null if nothing.</summary>
    public static string? Problem(IReadOnlyDictionary<string, uint> library)
    {
        foreach ((string name, uint value) in Expected)
        {
            if (!library.TryGetValue(name, out uint found))
                return $"the library does not know {name}";
            if (found != value)
                return $"{name} is {found} in the library and {value} here";
        }

        return null;
    }

    /// <summary>The table of the loaded library.</summary>
    public static unsafe Dictionary<string, uint> Read()
    {
        LayoutEntry* entries = SpdkNative.GetLayout(out uint count);
        var table = new Dictionary<string, uint>((int)count);
        for (uint i = 0; i < count; i++)
            table[Marshal.PtrToStringUTF8((nint)entries[i].Name)!] = entries[i].Value;
        return table;
    }

    private static Dictionary<string, uint> Build()
    {
        var table = new Dictionary<string, uint>();
        Add<AppOptions>(table, "emu_app_options", "size");
        Add<HostOptions>(table, "emu_host_options", "size", "reserved");
        Add<HostInfo>(table, "emu_host_info", "reserved", "reserved2");
        Add<HostNamespace>(table, "emu_host_namespace");
        Add<ConnectInfo>(table, "emu_connect", "reserved0", "reserved1");
        Add<NativeCommand>(table, "emu_command", "reserved");
        Add<NativeOutcome>(table, "emu_outcome");
        Add<DeviceFunctions>(table, "emu_device", "size", "reserved");
        Add<NamespaceEntry>(table, "emu_namespace_options");
        Add<SubsystemEntry>(table, "emu_subsystem_options");
        Add<ListenerEntry>(table, "emu_listener_options");
        Add<TargetOptionsEntry>(table, "emu_target_options", "size");
        Add<ControllerSettings>(table, "emu_controller_settings");
        Add<TargetCounters>(table, "emu_target_counters");
        return table;
    }

    /// <summary>Fields have the names of those in C, in the case of C#.</summary>
    private static void Add<T>(Dictionary<string, uint> table, string structure, params ReadOnlySpan<string> unlisted)
        where T : unmanaged
    {
        table[structure] = (uint)Unsafe.SizeOf<T>();
        foreach (System.Reflection.FieldInfo field in typeof(T).GetFields())
        {
            string name = InC(field.Name);
            if (!unlisted.Contains(name))
                table[$"{structure}.{name}"] = (uint)Marshal.OffsetOf<T>(field.Name);
        }
    }

    private static string InC(string name)
    {
        var text = new System.Text.StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
