using System.Runtime.InteropServices;

namespace Emulator.Spdk.Interop;

/// <summary>The functions of libemulator_spdk.so. Which thread may call which, and who owns what, says emulator_spdk.h.</summary>
internal static unsafe partial class SpdkNative
{
    /// <summary>The version of the interface that this code was written for, EMU_ABI_VERSION.</summary>
    public const uint AbiVersion = 2;

    public const string Library = "emulator_spdk";

    [LibraryImport(Library, EntryPoint = "emu_abi_version")]
    public static partial uint GetAbiVersion();

    [LibraryImport(Library, EntryPoint = "emu_spdk_version")]
    public static partial byte* GetSpdkVersion();

    [LibraryImport(Library, EntryPoint = "emu_spdk_version_number")]
    public static partial uint GetSpdkVersionNumber();

    [LibraryImport(Library, EntryPoint = "emu_layout")]
    public static partial LayoutEntry* GetLayout(out uint count);

    [LibraryImport(Library, EntryPoint = "emu_app_run")]
    public static partial int RunApp(AppOptions* options);

    [LibraryImport(Library, EntryPoint = "emu_app_stop")]
    public static partial int StopApp();

    [LibraryImport(Library, EntryPoint = "emu_app_post")]
    public static partial int Post(delegate* unmanaged[Cdecl]<void*, void> function, void* context);

    [LibraryImport(Library, EntryPoint = "emu_env_init")]
    public static partial int InitEnvironment(AppOptions* options);

    [LibraryImport(Library, EntryPoint = "emu_dma_alloc")]
    public static partial void* AllocateDma(ulong bytes, ulong alignment);

    [LibraryImport(Library, EntryPoint = "emu_dma_free")]
    public static partial void FreeDma(void* memory);

    [LibraryImport(Library, EntryPoint = "emu_host_connect")]
    public static partial nint ConnectHost(HostOptions* options, out int error);

    [LibraryImport(Library, EntryPoint = "emu_host_detach")]
    public static partial void DetachHost(nint host);

    [LibraryImport(Library, EntryPoint = "emu_host_get_info")]
    public static partial void GetHostInfo(nint host, out HostInfo info);

    [LibraryImport(Library, EntryPoint = "emu_host_get_identify")]
    public static partial void GetHostIdentify(nint host, void* page);

    [LibraryImport(Library, EntryPoint = "emu_host_get_namespace")]
    public static partial void GetHostNamespace(nint host, uint nsid, out HostNamespace info);

    [LibraryImport(Library, EntryPoint = "emu_host_admin")]
    public static partial int SubmitAdmin(
        nint host, void* entry, void* data, uint length, delegate* unmanaged[Cdecl]<void*, uint, uint, void> completed, void* context);

    [LibraryImport(Library, EntryPoint = "emu_host_poll_admin")]
    public static partial int PollAdmin(nint host);

    [LibraryImport(Library, EntryPoint = "emu_host_queue_create")]
    public static partial nint CreateQueue(nint host);

    [LibraryImport(Library, EntryPoint = "emu_host_queue_free")]
    public static partial void FreeQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "emu_host_read")]
    public static partial int SubmitRead(
        nint queue, uint nsid, void* data, ulong lba, uint blocks, uint flags,
        delegate* unmanaged[Cdecl]<void*, uint, uint, void> completed, void* context);

    [LibraryImport(Library, EntryPoint = "emu_host_write")]
    public static partial int SubmitWrite(
        nint queue, uint nsid, void* data, ulong lba, uint blocks, uint flags,
        delegate* unmanaged[Cdecl]<void*, uint, uint, void> completed, void* context);

    [LibraryImport(Library, EntryPoint = "emu_host_io")]
    public static partial int SubmitIo(
        nint queue, void* entry, void* data, uint length, delegate* unmanaged[Cdecl]<void*, uint, uint, void> completed, void* context);

    [LibraryImport(Library, EntryPoint = "emu_host_poll")]
    public static partial int PollQueue(nint queue, uint most);

    [LibraryImport(Library, EntryPoint = "emu_target_create")]
    public static partial int CreateTarget(
        TargetOptionsEntry* options, delegate* unmanaged[Cdecl]<void*, nint, int, byte*, void> done, void* context);

    [LibraryImport(Library, EntryPoint = "emu_target_destroy")]
    public static partial int DestroyTarget(
        nint target, delegate* unmanaged[Cdecl]<void*, nint, int, byte*, void> done, void* context);

    [LibraryImport(Library, EntryPoint = "emu_request_complete")]
    public static partial void CompleteRequest(nint request, NativeOutcome* outcome);

    [LibraryImport(Library, EntryPoint = "emu_target_close")]
    public static partial void CloseConnection(nint target, ulong connection);

    [LibraryImport(Library, EntryPoint = "emu_target_has_controller")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool HasController(nint target, byte* subsystem, ushort controllerId);

    [LibraryImport(Library, EntryPoint = "emu_target_settings")]
    public static partial int GetSettings(nint target, ulong connection, out ControllerSettings settings);

    [LibraryImport(Library, EntryPoint = "emu_target_get_counters")]
    public static partial void GetCounters(nint target, out TargetCounters counters);
}
