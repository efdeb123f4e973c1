using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>Says what is impossible about a drive before it is built.</summary>
public static class DriveOptionsValidation
{
    /// <summary>Largest capacity in bytes; the mapping table of a larger one would not be addressable by an int.</summary>
    public const long LargestCapacityBytes = 1L << 42;

    /// <summary>One line that names the option, its value and what it may be; null when nothing is wrong.</summary>
    public static string? Problem(DriveOptions options) =>
        IdentityProblem(options)
        ?? TransformsProblem(options)
        ?? options.Ftl.Problem()
        ?? CapacityProblem(options)
        ?? LimitsProblem(options);

    private static string? IdentityProblem(DriveOptions options)
    {
        if (!options.SubsystemNqn.StartsWith("nqn.", StringComparison.Ordinal) || options.SubsystemNqn.Length > 223)
            return $"subsystem '{options.SubsystemNqn}' is not an NVMe Qualified Name (nqn.yyyy-mm.domain:name, up to 223 bytes)";
        if (options.SerialNumber.Length is 0 or > 20 || !IsPrintable(options.SerialNumber))
            return $"serial '{options.SerialNumber}' must be 1 to 20 printable ASCII characters";
        if (options.ModelNumber.Length is 0 or > 40 || !IsPrintable(options.ModelNumber))
            return $"model '{options.ModelNumber}' must be 1 to 40 printable ASCII characters";
        if (options.FirstControllerId > options.LastControllerId || options.FirstControllerId == 0)
            return $"controller identifiers {options.FirstControllerId}-{options.LastControllerId} are not a range from 1 upwards";
        if (options.LastControllerId > 0x7FFF)
            return $"controller identifiers end at {options.LastControllerId}, must be at most 32767";
        return null;
    }

    private static string? CapacityProblem(DriveOptions options)
    {
        if (options.CapacityBytes < NamespaceMap.SegmentBytes || options.CapacityBytes % NamespaceMap.SegmentBytes != 0)
            return $"size {options.CapacityBytes} must be a multiple of 1 MiB, at least 1 MiB";
        if (options.CapacityBytes > LargestCapacityBytes)
            return $"size {options.CapacityBytes} must be at most 4 TiB";
        if (options.Profile == null && (options.Timing != DriveTiming.None || options.HasMediaErrors))
            return "timing and media errors need a profile that says what they are";
        if (options.OverProvisioningPercent is < 0 or > 1000)
            return $"over-provisioning of {options.OverProvisioningPercent} percent must be 0 to 1000";

        FlashGeometry geometry = options.EffectiveGeometry();
        if (geometry.Problem() is { } problem)
            return "impossible geometry: " + problem;
        long most = FlashTranslationLayer.MostLogicalPages(geometry) * FlashGeometry.PageBytes;
        if (options.Profile is { Flash: null })
            most = geometry.Bytes;
        if (most < options.CapacityBytes)
            return $"impossible geometry: the medium carries {most} bytes beside its spare superblocks, size {options.CapacityBytes} does not fit";
        return options.Cache.Problem(geometry.ProgramPages) ?? NamespacesProblem(options);
    }

    private static string? NamespacesProblem(DriveOptions options)
    {
        if (options.MaxNamespaces is < 1 or > 1024)
            return $"{options.MaxNamespaces} namespaces at most must be 1 to 1024";
        if (options.Namespaces.Count > options.MaxNamespaces)
            return $"{options.Namespaces.Count} namespaces are more than the {options.MaxNamespaces} that can be";

        long left = options.CapacityBytes;
        foreach (NamespaceOptions ns in options.Namespaces)
        {
            if (!LbaFormats.TryFromBlockBytes(ns.BlockBytes, out _))
                return $"namespace block size {ns.BlockBytes} must be 512 or 4096";
            if (ns.SizeBytes < 0 || ns.SizeBytes % ns.BlockBytes != 0)
                return $"namespace size {ns.SizeBytes} must be a multiple of its block size {ns.BlockBytes}";
            long taken = ns.SizeBytes == 0 ? left : NamespaceMap.SegmentsFor((ulong)ns.SizeBytes) * NamespaceMap.SegmentBytes;
            if (taken > left || taken == 0)
                return $"namespace size {ns.SizeBytes} does not fit into the {left} bytes that are left";
            left -= taken;
        }

        return null;
    }

    private static string? TransformsProblem(DriveOptions options)
    {
        foreach (PageTransforms transforms in options.Namespaces.Select(ns => ns.Transforms).Append(options.CreatedTransforms))
        {
            if (!Enum.IsDefined(transforms.Compression))
                return $"compression {(int)transforms.Compression} does not exist";
            if (transforms.CorrectedBits is < 0 or > PageTransforms.MostCorrectedBits)
                return $"ecc of {transforms.CorrectedBits} bits must be 0 to {PageTransforms.MostCorrectedBits}";
        }

        return null;
    }

    private static string? LimitsProblem(DriveOptions options)
    {
        if (options.MaxIoQueues is < 1 or > 1024)
            return $"{options.MaxIoQueues} I/O queues must be 1 to 1024";
        if (options.MaxQueueEntries is < 16 or > 256)
            return $"{options.MaxQueueEntries} queue entries must be 16 to 256";
        if (options.MaxTransferBytes is < 4096 or > (1 << 24) || !IsPowerOfTwo(options.MaxTransferBytes))
            return $"longest transfer {options.MaxTransferBytes} must be a power of two from 4096 to 16777216";
        if (options.InCapsuleDataBytes is < 0 or > (1 << 20) || options.InCapsuleDataBytes % 16 != 0)
            return $"in-capsule data of {options.InCapsuleDataBytes} bytes must be a multiple of 16 up to 1048576";
        if (options.TrackingGranuleBytes is < 4096 or > (1 << 30) || !IsPowerOfTwo(options.TrackingGranuleBytes))
            return $"tracking granule {options.TrackingGranuleBytes} must be a power of two from 4096 to 1073741824";
        if (options.MaxReportedRanges is < 1 or > (1 << 24))
            return $"{options.MaxReportedRanges} ranges in a list must be 1 to 16777216";
        return null;
    }

    private static bool IsPowerOfTwo(int value) => (value & (value - 1)) == 0;

    private static bool IsPrintable(string text) => text.All(c => c is >= ' ' and <= '~');
}
