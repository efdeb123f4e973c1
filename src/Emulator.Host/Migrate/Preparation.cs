using System.Globalization;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>What is checked before anything is changed: that both are drives for this, and that the VM fits.</summary>
internal static class Preparation
{
    private const VmasCapabilities ByManager = VmasCapabilities.ManagerTargetsOtherControllers;

    /// <summary>Finds the VM at both ends.</summary>
    /// <exception cref="MigrateException">There is no such VM.</exception>
    public static void FindVm(MigrateOptions options, DriveClient source, DriveClient destination)
    {
        CheckSupport(source);
        CheckSupport(destination);
        source.Vm = HandleOf(options.Vm, source);
        destination.Vm = HandleOf(options.VmThere, destination);
        if (source.Vm == destination.Vm)
        {
            throw Problem(
                $"the VM is controller {source.Vm} at both drives; their controller identifiers have to be disjoint (--controller-ids)");
        }
    }

    /// <summary>Checks capabilities, phases and namespaces.</summary>
    /// <exception cref="MigrateException">One does not fit; nothing was changed.</exception>
    public static void Check(MigrateOptions options, DriveClient source, DriveClient destination)
    {
        VmasCapabilities atSource = VmasCapabilities.SourceRole | VmasCapabilities.DirtyRanges | ByManager
            | (options.Through == MoveThrough.Drive ? VmasCapabilities.DirectTransfer : 0)
            | (options.Scheme != DirectTransferScheme.None ? VmasCapabilities.Schemes : 0)
            | (options.NoState ? 0 : VmasCapabilities.DirtyState)
            | (options.Mode == DirectTransferMode.SnapshotDelta ? VmasCapabilities.SnapshotsAndDeltas : 0)
            | (options.Mode == DirectTransferMode.WrittenRanges ? VmasCapabilities.LifetimeWrittenRanges : 0);
        VmasCapabilities atDestination = VmasCapabilities.DestinationRole | ByManager
            | (options.Mode == DirectTransferMode.Checksums ? VmasCapabilities.RangeChecksums : 0)
            | (options.Form == DirectTransferForm.Stored ? VmasCapabilities.EncodedStreamTransfer : 0)
            | (options.SnapshotAtSwitch ? VmasCapabilities.SnapshotsAndDeltas : 0);
        CheckCapabilities(source, atSource);
        CheckCapabilities(destination, atDestination);
        CheckIdle(source);
        CheckIdle(destination);
        CheckNamespaces(options, source, destination);
    }

    private static void CheckSupport(DriveClient drive)
    {
        if (drive.Support.Signature != VmasSupport.SignatureValue)
            throw Problem($"the {drive.Role} drive does not have VM Migration Assist");
        if (drive.Support.Version >> 8 != VmasSupport.Version10 >> 8)
        {
            throw Problem(
                $"the {drive.Role} drive has version {drive.Support.Version >> 8}.{drive.Support.Version & 0xFF} of VM Migration Assist, not 1");
        }
    }

    private static ushort HandleOf(string vm, DriveClient drive)
    {
        bool isHex = vm.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!ushort.TryParse(
            isHex ? vm[2..] : vm, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ushort handle))
            return drive.IdOf(vm);
        return handle != 0 ? handle : throw Problem("--vm: the handle 0 is this process itself");
    }

    private static void CheckCapabilities(DriveClient drive, VmasCapabilities needed)
    {
        VmasCapabilities missing = needed & ~drive.Capabilities;
        if ((missing & ByManager) != 0)
            throw Problem($"the {drive.Role} drive lists no managers (--manager of serve), so that nobody can move another host's VM");
        if (missing != 0)
            throw Problem($"the {drive.Role} drive cannot do what this takes: {missing}");
    }

    private static void CheckIdle(DriveClient drive)
    {
        var phase = (VmMigrationPhase)(uint)drive.Status().Phase;
        if (phase != VmMigrationPhase.Idle)
            throw Problem($"the VM is in a migration already: the {drive.Role} drive says {phase}");
    }

    private static void CheckNamespaces(MigrateOptions options, DriveClient source, DriveClient destination)
    {
        IReadOnlyList<uint> nsids = source.Namespaces();
        if (nsids.Count == 0)
            throw Problem("the VM has no namespace at the source");
        IReadOnlyList<uint> there = destination.Namespaces();
        foreach (uint nsid in nsids)
        {
            if (!there.Contains(nsid))
                throw Problem($"the VM has no namespace {nsid} at the destination");
            if (Difference(options, source.Namespace(nsid), destination.Namespace(nsid)) is { } difference)
                throw Problem($"namespace {nsid}: {difference}");
        }
    }

    private static string? Difference(MigrateOptions options, in IdentifyNamespace here, in IdentifyNamespace there)
    {
        int block = 1 << here.Lbaf[here.FormatIndex].Lbads;
        int blockThere = 1 << there.Lbaf[there.FormatIndex].Lbads;
        if (block != blockThere)
            return $"its blocks have {block} bytes at the source and {blockThere} at the destination";
        if (there.Nsze < here.Nsze)
        {
            return $"it has {MigrateText.Bytes((double)here.Nsze * block)} at the source and only "
                + $"{MigrateText.Bytes((double)there.Nsze * block)} at the destination";
        }

        if (!((ReadOnlySpan<byte>)here.Nguid).SequenceEqual(there.Nguid))
            return "its NGUID differs, so that the VM would not take it for the same";
        ReadOnlySpan<byte> form = ((ReadOnlySpan<byte>)here.Vs)[..StoredFormSupport.Size];
        return options.Form == DirectTransferForm.Stored && !form.SequenceEqual(((ReadOnlySpan<byte>)there.Vs)[..StoredFormSupport.Size])
            ? "the drives do not store it alike, so that it cannot move as stored (--form)"
            : null;
    }

    private static MigrateException Problem(string message) => new(message, ExitCode.UserError);
}
