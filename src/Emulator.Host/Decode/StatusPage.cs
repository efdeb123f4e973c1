using Emulator.Host.Serving;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log page D0h, VM Migration Status, or as much of it as Get Features D0h returned.</summary>
internal static class StatusPage
{
    /// <summary>What the vendor command set itself defines; the rest may not have been asked for.</summary>
    private const int LeastBytes = 64;

    public static bool IsOne(ReadOnlySpan<byte> bytes) =>
        WireStruct.Read<U32Le>(bytes.Slice(8, U32Le.Size)) <= (uint)VmMigrationPhase.Ready;

    public static DecodedPage Decode(ReadOnlyMemory<byte> memory)
    {
        ReadOnlySpan<byte> bytes = memory.Span;
        if (bytes.Length < LeastBytes)
            throw new UserErrorException($"a status page has {LeastBytes} bytes at least, these are {bytes.Length}");
        byte[] whole = new byte[VmMigrationStatus.Size];
        bytes[..Math.Min(bytes.Length, whole.Length)].CopyTo(whole);
        VmMigrationStatus status = WireStruct.Read<VmMigrationStatus>(whole);
        var page = new DecodedPage("VM Migration Status");
        page.Add("version", status.Version.Value);
        page.Add("target", status.Target.Value, TargetText(status.Target));
        var phase = (VmMigrationPhase)status.Phase.Value;
        page.Add("phase", Enum.IsDefined(phase) ? phase.ToString() : $"{(uint)phase}");
        AddFlags(page, status.Flags);
        page.Add("thresholdGranules", status.Threshold.Value, status.Threshold == 0 ? "none" : null);
        page.Add("granulesWritten", status.GranulesWritten.Value);
        page.Add("granulesDirty", status.GranulesDirty.Value);
        page.Add("round", status.Round.Value);
        page.Add("granulesPrefetched", status.GranulesPrefetched.Value);
        page.Add("readsFromPrefetched", status.ReadsPrefetched.Value);
        AddBytes(page, "bytesRetained", status.BytesRetained);
        if (bytes.Length >= VmMigrationStatus.Size)
            AddRest(page, status);
        return page;
    }

    internal static string TargetText(ushort target) => target >= VendorCommandSet.FirstStreamTarget
        ? $"VM {target:X4}h, which shares a controller"
        : $"VM of controller {target}";

    private static void AddFlags(DecodedPage page, uint flags)
    {
        var set = (VmMigrationFlags)(flags & ushort.MaxValue);
        page.Add("active", set.HasFlag(VmMigrationFlags.Active));
        page.Add("role", set.HasFlag(VmMigrationFlags.Destination) ? "destination" : "source");
        page.Add("halted", set.HasFlag(VmMigrationFlags.Halted));
        page.Add("completed", set.HasFlag(VmMigrationFlags.Completed));
        page.Add("thresholdExceeded", set.HasFlag(VmMigrationFlags.ThresholdExceeded));
        page.Add("ready", set.HasFlag(VmMigrationFlags.Ready));
        page.Add("prefetch", !set.HasFlag(VmMigrationFlags.NoPrefetch));
        page.Add("retention", !set.HasFlag(VmMigrationFlags.NoRetention));
        page.Add("priority", !set.HasFlag(VmMigrationFlags.NoPriority));
    }

    private static void AddRest(DecodedPage page, in VmMigrationStatus status)
    {
        AddBytes(page, "bytesRetainable", status.BytesRetainable);
        AddBytes(page, "bytesCached", status.BytesCached);
        AddBytes(page, "bytesDirtyInCache", status.BytesDirty);
        page.Add("pagesHit", status.PagesHit.Value);
        page.Add("pagesMissed", status.PagesMissed.Value);
        page.Add("retainedPagesRead", status.RetainedPagesRead.Value);
        page.Add("retainedPagesDropped", status.RetainedPagesDropped.Value);
        AddBytes(page, "cacheBytes", status.CacheBytes);
        page.Add("pagesErased", status.PagesErased.Value);
        page.Add("pagesLeftByErase", status.PagesLeft.Value);
        page.Add("ioCommands", status.IoCommands.Value);
        AddBytes(page, "bytesWritten", status.BytesWritten);
        page.Add("ioNanoseconds", status.IoNanoseconds.Value);
        AddBytes(page, "writeLimitPerSecond", status.WriteLimit);
        page.Add("commandsHeld", status.CommandsHeld.Value);
        page.Add("commandsHeldInAll", status.CommandsHeldInAll.Value);
        page.Add("nanosecondsHeld", status.NanosecondsHeld.Value);
        page.Add("commandsFenced", status.CommandsFenced.Value);
    }

    private static void AddBytes(DecodedPage page, string name, ulong bytes) => page.Add(name, bytes, DriveText.Rounded(bytes));
}
