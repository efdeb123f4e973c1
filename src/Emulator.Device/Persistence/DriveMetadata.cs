using System.Runtime.InteropServices;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// What a drive keeps on its medium beside the data: namespaces and who has them, saved features, firmware slots, and
/// counters of its life. All of it is written each time that any of it changes.
/// </summary>
internal sealed class DriveMetadata(Drive drive) : IDeviceMetadata
{
    /// <summary>
    /// 1 had no transforms and keys of namespaces, and is read as if nobody had noted them; 2 did not say of a VM that it is
    /// not here.
    /// </summary>
    private const int Version = 3;

    private const int OldestVersion = 1;

    /// <summary>
    /// More runs of blocks are not marked uncorrectable on a drive, so that they take a quarter of the metadata at most.
    /// </summary>
    public static int MostUncorrectableRuns(int metadataBytes) => metadataBytes / 4 / (2 * sizeof(ulong));

    public int WriteTo(Span<byte> destination)
    {
        var writer = new MetadataWriter(destination);
        writer.Number(MetadataTag.Version, Version);
        writer.Text(MetadataTag.SubsystemNqn, drive.Nqn);
        foreach (NamespaceOptions configured in drive.Options.Namespaces)
            WriteConfigured(ref writer, configured);
        drive.Health.WriteTo(ref writer);
        drive.Namespaces.WriteTo(ref writer);
        foreach (ControllerSlot slot in drive.Controllers.Slots)
            WriteController(ref writer, slot);
        drive.Features.WriteTo(ref writer);
        drive.Firmware.WriteTo(ref writer);
        drive.Sanitize.WriteTo(ref writer);
        drive.Snapshots.WriteTo(ref writer);
        return writer.Fits ? writer.Length : -1;
    }

    /// <summary>Makes the drive what it was.</summary>
    /// <exception cref="MediumException">The metadata is damaged, or the drive is configured to be another one.</exception>
    public void ReadFrom(ReadOnlySpan<byte> metadata)
    {
        var reader = new MetadataReader(metadata);
        var configured = new List<NamespaceOptions>();
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.Version:
                    CheckVersion(reader.Number);
                    break;
                case MetadataTag.SubsystemNqn:
                    CheckSubsystem(reader.Text);
                    break;
                case MetadataTag.ConfiguredNamespace:
                    configured.Add(ReadConfigured(reader.Fields));
                    break;
                case MetadataTag.Health:
                    drive.Health.ReadFrom(reader.Bytes);
                    break;
                case MetadataTag.Incarnations:
                    drive.Namespaces.ReadIncarnations(MemoryMarshal.Cast<byte, uint>(reader.Bytes));
                    break;
                case MetadataTag.Namespace:
                    drive.Namespaces.ReadNamespace(reader.Fields);
                    break;
                case MetadataTag.Controller:
                    ReadController(reader.Fields);
                    break;
                case MetadataTag.SavedFeatures:
                    drive.Features.ReadFrom(reader.Bytes);
                    break;
                case MetadataTag.Firmware:
                    drive.Firmware.ReadFrom(reader.Fields);
                    break;
                case MetadataTag.Snapshot:
                    drive.Snapshots.ReadSnapshot(reader.Fields);
                    break;
                case MetadataTag.NextSnapshot:
                    drive.Snapshots.ReadNext(reader.Count);
                    break;
                case MetadataTag.Sanitize:
                    drive.Sanitize.ReadFrom(reader.Fields);
                    break;
                default:
                    throw reader.Unknown();
            }
        }

        CheckNamespaces(configured);
        drive.Namespaces.TakeOver(configured, drive.Controllers.Slots);
    }

    private static void WriteConfigured(ref MetadataWriter writer, NamespaceOptions configured)
    {
        int begun = writer.Begin(MetadataTag.ConfiguredNamespace);
        writer.Number(MetadataTag.SizeBytes, (ulong)configured.SizeBytes);
        writer.Number(MetadataTag.BlockBytes, (ulong)configured.BlockBytes);
        foreach (string host in configured.Hosts)
            writer.Text(MetadataTag.HostNqn, host);
        writer.End(begun);
    }

    private static NamespaceOptions ReadConfigured(MetadataReader reader)
    {
        var configured = new NamespaceOptions();
        while (reader.Next())
        {
            configured = reader.Tag switch
            {
                MetadataTag.SizeBytes => configured with { SizeBytes = (long)reader.Number },
                MetadataTag.BlockBytes => configured with { BlockBytes = reader.Count },
                MetadataTag.HostNqn => configured with { Hosts = [.. configured.Hosts, reader.Text] },
                _ => throw reader.Unknown(),
            };
        }

        return configured;
    }

    private static void WriteController(ref MetadataWriter writer, ControllerSlot slot)
    {
        int begun = writer.Begin(MetadataTag.Controller);
        writer.Number(MetadataTag.ControllerId, slot.Id);
        writer.Text(MetadataTag.HostNqn, slot.Host.Nqn);
        writer.Identifier(MetadataTag.HostId, slot.Host.HostId);
        slot.Features.WriteTo(ref writer);
        slot.HealthOffset.WriteTo(ref writer);
        if (slot.Vm.LastingResidence is not VmResidence.Here and var residence)
            writer.Number(MetadataTag.Residence, (ulong)residence);
        writer.End(begun);
    }

    private void ReadController(MetadataReader reader)
    {
        int id = 0;
        string nqn = "";
        UInt128 hostId = 0;
        ReadOnlySpan<byte> features = default;
        HealthOffset offset = default;
        VmResidence residence = VmResidence.Here;
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.ControllerId:
                    id = reader.Count;
                    break;
                case MetadataTag.HostNqn:
                    nqn = reader.Text;
                    break;
                case MetadataTag.HostId:
                    hostId = reader.Identifier;
                    break;
                case MetadataTag.SavedFeatures:
                    features = reader.Bytes;
                    break;
                case MetadataTag.CounterOffsets:
                    offset = HealthOffset.ReadFrom(reader.Bytes);
                    break;
                case MetadataTag.Residence:
                    residence = ReadResidence(reader.Count);
                    break;
                default:
                    throw reader.Unknown();
            }
        }

        // With another range of identifiers the host gets a new one, as a host that was never seen.
        if (id < drive.Options.FirstControllerId || id > drive.Options.LastControllerId)
            return;
        ControllerSlot slot = drive.Controllers.Restore((ushort)id, new HostIdentity(nqn, hostId), residence);
        slot.Features.ReadFrom(features);
        slot.HealthOffset = offset;
    }

    private static VmResidence ReadResidence(int number) => Enum.IsDefined((VmResidence)number)
        ? (VmResidence)number
        : throw new MediumException($"the medium says of a VM that it is at {number}, which is no place");

    private static void CheckVersion(ulong version)
    {
        if (version is < OldestVersion or > Version)
        {
            throw new MediumException(
                $"the medium has device metadata of version {version}, this is an emulator for version {Version}; use the one that wrote it");
        }
    }

    private void CheckSubsystem(string nqn)
    {
        if (nqn != drive.Nqn)
        {
            throw new MediumException(
                $"the medium belongs to subsystem {nqn}, not {drive.Nqn}; configure that subsystem, or have the medium formatted anew");
        }
    }

    private void CheckNamespaces(List<NamespaceOptions> made)
    {
        IReadOnlyList<NamespaceOptions> wanted = drive.Options.Namespaces;
        for (int i = 0; i < Math.Max(made.Count, wanted.Count); i++)
        {
            string was = i < made.Count ? Describe(made[i]) : "none";
            string now = i < wanted.Count ? Describe(wanted[i]) : "none";
            if (was != now)
            {
                throw new MediumException(
                    $"namespaces[{i}] is configured as {now}, the medium was made with {was}; "
                    + "configure it as it was, change namespaces by commands, or have the medium formatted anew");
            }
        }
    }

    private static string Describe(NamespaceOptions ns) =>
        $"{(ns.SizeBytes == 0 ? "all that is left" : $"{ns.SizeBytes} bytes")} in blocks of {ns.BlockBytes}";
}
