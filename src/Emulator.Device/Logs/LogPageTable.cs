using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The log pages that an I/O controller has; what is not here is Invalid Log Page.</summary>
internal static class LogPageTable
{
    private static readonly Dictionary<LogPageId, LogPageSupport> Pages = new()
    {
        [LogPageId.SupportedLogPages] = LogPageSupport.Supported,
        [LogPageId.ErrorInformation] = LogPageSupport.Supported,
        [LogPageId.SmartHealth] = LogPageSupport.Supported,
        [LogPageId.FirmwareSlotInformation] = LogPageSupport.Supported,
        [LogPageId.ChangedAttachedNamespaceList] = LogPageSupport.Supported,
        [LogPageId.CommandsSupportedAndEffects] = LogPageSupport.Supported,
        [LogPageId.DeviceSelfTest] = LogPageSupport.Supported,
        [LogPageId.AsymmetricNamespaceAccess] = LogPageSupport.Supported,
        [LogPageId.PersistentEvent] = LogPageSupport.Supported | LogPageSupport.EstablishContextAndReadHeader,
        [LogPageId.FeatureIdentifiersSupportedAndEffects] = LogPageSupport.Supported,
        [LogPageId.NvmeMiCommandsSupportedAndEffects] = LogPageSupport.Supported,
        [LogPageId.ReservationNotification] = LogPageSupport.Supported,
        [LogPageId.SanitizeStatus] = LogPageSupport.Supported,
        [LogPageId.VmMigrationStatus] = LogPageSupport.Supported,
        [LogPageId.VmStorageState] = LogPageSupport.Supported,
        [LogPageId.VmDirtyState] = LogPageSupport.Supported,
        [LogPageId.VmDirtyRanges] = LogPageSupport.Supported,
        [LogPageId.VmWrittenRanges] = LogPageSupport.Supported,
        [LogPageId.RangeChecksums] = LogPageSupport.Supported,
        [LogPageId.Snapshots] = LogPageSupport.Supported,
        [LogPageId.SnapshotDelta] = LogPageSupport.Supported,
        [LogPageId.DirectTransferProgress] = LogPageSupport.Supported,
    };

    public static bool Contains(LogPageId logPage) => Pages.ContainsKey(logPage);

    /// <summary>Pages of the vendor command set are about a VM and take its UUID and any active NSID.</summary>
    public static bool IsVendor(LogPageId logPage) => logPage is >= LogPageId.VmMigrationStatus and <= LogPageId.DirectTransferProgress;

    /// <summary>LID 00h (Base 2.1, 5.1.12.1.1).</summary>
    public static SupportedLogPages Report()
    {
        SupportedLogPages report = default;
        foreach ((LogPageId logPage, LogPageSupport support) in Pages)
            report.Lids[(byte)logPage] = (uint)support;
        return report;
    }
}
