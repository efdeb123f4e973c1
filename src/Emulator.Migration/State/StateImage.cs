using System.Buffers.Binary;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>A whole storage state: a container, or one and a delta against it.</summary>
public sealed class StateImage
{
    private readonly SortedDictionary<StateAttributeId, ReadOnlyMemory<byte>> _attributes;

    private StateImage(
        StateContainerHeader header, SortedDictionary<StateAttributeId, ReadOnlyMemory<byte>> attributes, StateSections sections)
    {
        Generation = header.Generation;
        Device = BinaryPrimitives.ReadUInt128LittleEndian(header.DeviceUuid);
        Target = header.Target;
        Sections = sections;
        _attributes = attributes;
    }

    /// <summary>Of the container that was whole.</summary>
    public ulong Generation { get; }

    public StateSections Sections { get; }

    /// <summary>By section, type and key.</summary>
    public IReadOnlyDictionary<StateAttributeId, ReadOnlyMemory<byte>> Attributes => _attributes;

    private UInt128 Device { get; }

    private ushort Target { get; }

    public static StateImage Of(StateContainer whole) => new(whole.Header, whole.Attributes, whole.Sections);

    /// <summary>Whether a delta is against this state, of the same VM of the same device.</summary>
    public bool IsBaseOf(StateContainer delta)
    {
        StateContainerHeader header = delta.Header;
        return delta.IsDelta
            && header.BaseGeneration == Generation
            && header.Target == Target
            && BinaryPrimitives.ReadUInt128LittleEndian(header.DeviceUuid) == Device;
    }

    /// <summary>This state with the changes of a delta; this one stays as it is, for the next delta.</summary>
    public StateImage With(StateContainer delta)
    {
        var attributes = new SortedDictionary<StateAttributeId, ReadOnlyMemory<byte>>(_attributes);
        foreach (StateAttributeId removed in delta.Removed)
            attributes.Remove(removed);
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in delta.Attributes)
            attributes[id] = value;
        return new StateImage(delta.Header, attributes, Sections | delta.Sections);
    }

    /// <summary>The value of an attribute; empty if it is not there.</summary>
    public ReadOnlySpan<byte> this[StateAttributeId id] => _attributes.GetValueOrDefault(id).Span;

    /// <summary>The attributes of a type, in ascending order of their keys.</summary>
    public IEnumerable<KeyValuePair<StateAttributeId, ReadOnlyMemory<byte>>> AllOf(StateSectionType section, ushort type) =>
        _attributes.Where(attribute => attribute.Key.Section == section && attribute.Key.Type == type);
}
