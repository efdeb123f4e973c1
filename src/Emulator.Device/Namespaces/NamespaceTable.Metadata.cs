using System.Runtime.InteropServices;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>The namespaces as the medium keeps them.</summary>
public sealed partial class NamespaceTable
{
    internal void WriteTo(ref MetadataWriter writer)
    {
        writer.Bytes(MetadataTag.Incarnations, MemoryMarshal.AsBytes(_incarnations.AsSpan()));
        foreach (Namespace ns in All)
            ns.WriteTo(ref writer);
    }

    internal void ReadIncarnations(ReadOnlySpan<uint> incarnations)
    {
        if (incarnations.Length > _incarnations.Length && incarnations[_incarnations.Length..].ContainsAnyExcept(0u))
            throw TooMany();
        incarnations[..Math.Min(incarnations.Length, _incarnations.Length)].CopyTo(_incarnations);
    }

    /// <summary>Makes a namespace as the medium describes it.</summary>
    internal void ReadNamespace(MetadataReader reader)
    {
        NamespaceRecord record = NamespaceRecord.ReadFrom(reader);
        if (record.Nsid == 0 || record.Nsid >= _byNsid.Length)
            throw TooMany();
        if (record.Format >= LbaFormats.Count || record.BlockCount == 0 || _byNsid[record.Nsid] != null
            || NamespaceMap.SegmentsFor(record.BlockCount << LbaFormats.BlockShift((LbaFormatIndex)record.Format)) > record.Segments.Length)
            throw MetadataReader.Damaged($"namespace {record.Nsid} is impossible");

        var identity = new NamespaceIdentity(_options.SubsystemNqn, record.Nsid, _incarnations[record.Nsid] - 1);
        NamespaceMap map = NamespaceMap.Restore(record.Segments, (uint)(_options.CapacityBytes / NamespaceMap.SegmentBytes));
        _snapshots?.AssignVolume(record.Nsid, map.Segments);
        PageTransforms transforms = TransformsOf(record);
        UInt128 key = CheckKey(record, transforms, identity);
        var ns = new Namespace(_pages, _stored, record.Nsid, identity, map, record.BlockCount, (LbaFormatIndex)record.Format)
        {
            KeyIdentifier = key,
            IsShared = record.IsShared,
            MarksChanged = _marksChanged,
            Transform = CreateTransform(transforms, identity, map),
            ConfiguredHosts = record.IsConfigured ? [] : null,
        };
        ns.Restore(record);
        _byNsid[record.Nsid] = ns;
    }

    /// <summary>
    /// All namespaces are there: their segments are not free, and those that the configuration made have the hosts that
    /// it gives them now.
    /// </summary>
    /// <param name="made">Namespaces of the configuration as it was when the medium was written last.</param>
    internal void TakeOver(IReadOnlyList<NamespaceOptions> made, IEnumerable<ControllerSlot> slots)
    {
        var taken = new HashSet<uint>();
        foreach (Namespace ns in All)
        {
            foreach (uint segment in ns.Map.Segments)
            {
                if (!taken.Add(segment))
                    throw MetadataReader.Damaged($"segment {segment} is in two namespaces");
            }
        }

        uint[] free = [.. _freeSegments.Where(segment => !taken.Contains(segment)).Reverse()];
        _freeSegments.Clear();
        foreach (uint segment in free)
            _freeSegments.Push(segment);

        ControllerSlot[] known = [.. slots];
        foreach (Namespace ns in All.Where(ns => ns.ConfiguredHosts != null && ns.Nsid <= _options.Namespaces.Count))
            AdoptHosts(ns, made[(int)ns.Nsid - 1].Hosts, _options.Namespaces[(int)ns.Nsid - 1].Hosts, known);
        foreach (Namespace ns in All)
        {
            foreach (ControllerSlot slot in known.Where(slot => ns.IsAttachedTo(slot.Id)))
                ns.ReportContentsTo(slot.Vm);
        }
    }

    private static void AdoptHosts(
        Namespace ns, IReadOnlyList<string> before, IReadOnlyList<string> hosts, IEnumerable<ControllerSlot> slots)
    {
        ns.ConfiguredHosts = hosts;
        if (before.SequenceEqual(hosts))
            return;
        foreach (ControllerSlot slot in slots)
        {
            if (hosts.Count == 0 || hosts.Contains(slot.Host.Nqn))
                ns.Attach(slot.Id);
            else
                ns.Detach(slot.Id);
        }
    }

    private Flash.MediumException TooMany() => new(
        $"the medium has namespaces beyond the {Limit} that can be; configure maxNamespaces as it was");
}
