using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Writes a state container (specs/state-container.md): sections, and attributes in them, in ascending order of section,
/// type and key. One that is against a baseline is a delta and leaves out what did not change; one that records makes
/// the next baseline. The memory is kept for the next container.
/// </summary>
public sealed class StateWriter
{
    /// <summary>Longest container that is written or taken, in bytes.</summary>
    public const int MostBytes = 1 << 30;

    private const int FirstBytes = 4096;

    private byte[] _page = new byte[FirstBytes];
    private readonly SortedSet<StateAttributeId> _seen = [];
    private StateBaseline? _against;
    private StateBaseline? _recorded;
    private StateSectionType _section;
    private int _length;
    private int _sectionStart;
    private int _sections;

    /// <summary>The container, once it is finished.</summary>
    public ReadOnlySpan<byte> Page => _page.AsSpan(0, _length);

    /// <summary>It would have been longer than <see cref="MostBytes"/>; what there is of it is of no use.</summary>
    public bool IsTooLong { get; private set; }

    /// <param name="against">For a delta what it is against; else null.</param>
    /// <param name="recorded">Takes the digests of all attributes; null if nobody needs them.</param>
    public void Begin(StateBaseline? against, StateBaseline? recorded)
    {
        _against = against;
        _recorded = recorded;
        _length = StateContainerHeader.Size;
        _sections = 0;
        _seen.Clear();
        IsTooLong = false;
    }

    public void BeginSection(StateSectionType section)
    {
        Check.That(_sections == 0 || section > _section);
        _section = section;
        _sections++;
        _sectionStart = _length;
        Reserve(StateSectionHeader.Size);
    }

    public void Attribute<T>(TransportAttribute type, ulong key, T value)
        where T : unmanaged => Attribute((ushort)type, key, WireStruct.Bytes(ref value));

    public void Attribute<T>(InterfaceAttribute type, ulong key, T value)
        where T : unmanaged => Attribute((ushort)type, key, WireStruct.Bytes(ref value));

    public void Attribute<T>(ActivityAttribute type, ulong key, T value)
        where T : unmanaged => Attribute((ushort)type, key, WireStruct.Bytes(ref value));

    public void Attribute<T>(TranslationAttribute type, ulong key, T value)
        where T : unmanaged => Attribute((ushort)type, key, WireStruct.Bytes(ref value));

    /// <summary>Adds an attribute to the section, unless the container is a delta and it did not change.</summary>
    public void Attribute(ushort type, ulong key, ReadOnlySpan<byte> value) => Attribute(type, key, value, value);

    /// <param name="compared">By what it is told whether the attribute changed, for a value that changes by itself.</param>
    public void Attribute(ushort type, ulong key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> compared)
    {
        var id = new StateAttributeId(_section, type, key);
        if (_against != null || _recorded != null)
        {
            UInt128 digest = StateBaseline.DigestOf(compared);
            _recorded?.Add(id, digest);
            if (_against != null)
            {
                _seen.Add(id);
                if (_against.IsUnchanged(id, digest))
                    return;
            }
        }

        Append(id, flags: 0, value);
    }

    /// <summary>Ends the section; in a delta after telling which attributes are there no more.</summary>
    public void EndSection()
    {
        if (_against != null)
        {
            foreach (StateAttributeId id in _against.Attributes)
            {
                if (id.Section == _section && !_seen.Contains(id))
                    Append(id, StateAttributeHeader.RemovedFlag, []);
            }
        }

        WireStruct.Write(_page.AsSpan(_sectionStart), new StateSectionHeader
        {
            Type = (ushort)_section,
            Version = StateSectionsExtensions.SectionVersion,
            Length = (uint)(_length - _sectionStart - StateSectionHeader.Size),
        });
    }

    /// <summary>Completes the header.</summary>
    /// <param name="target">CNTLID or handle.</param>
    /// <param name="device">UUID of the device, 16 bytes.</param>
    public void Finish(ulong generation, ushort target, ReadOnlySpan<byte> device)
    {
        var header = new StateContainerHeader
        {
            Magic = StateContainerHeader.MagicValue,
            Version = StateContainer.Version,
            Flags = _against == null ? (ushort)0 : StateContainerHeader.DeltaFlag,
            TotalBytes = (ulong)_length,
            Generation = generation,
            Target = target,
            Sections = (ushort)_sections,
            PayloadCrc = Crc32C.Compute(_page.AsSpan(StateContainerHeader.Size, _length - StateContainerHeader.Size)),
            BaseGeneration = _against?.Generation ?? 0,
        };
        device.CopyTo(header.DeviceUuid);
        Span<byte> bytes = WireStruct.Bytes(ref header);
        header.HeaderCrc = Crc32C.Compute(bytes[..StateContainer.HeaderCrcOffset]);
        bytes.CopyTo(_page);
    }

    private void Append(StateAttributeId id, ushort flags, ReadOnlySpan<byte> value)
    {
        if (value.Length > MostBytes - _length - StateAttributeHeader.Size)
        {
            IsTooLong = true;
            return;
        }

        Span<byte> room = Reserve(StateAttributeHeader.Size + StateContainer.Padded(value.Length));
        WireStruct.Write(room, new StateAttributeHeader
        {
            Type = id.Type,
            Flags = flags,
            Length = (uint)value.Length,
            Key = id.Key,
        });
        value.CopyTo(room[StateAttributeHeader.Size..]);
        room[(StateAttributeHeader.Size + value.Length)..].Clear();
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_page.Length - _length < bytes)
            Array.Resize(ref _page, Math.Max(_page.Length * 2, _length + bytes));
        Span<byte> room = _page.AsSpan(_length, bytes);
        _length += bytes;
        return room;
    }
}
