using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// A state container as it was read: checked as far as that can be done without knowing what attributes mean. Whatever
/// the bytes are, reading them ends with a container or with a problem that is told.
/// </summary>
public sealed class StateContainer
{
    /// <summary>The version that is written, and the only one that is understood.</summary>
    public const ushort Version = 1;

    /// <summary>The checksum of the header is over the bytes before it.</summary>
    internal const int HeaderCrcOffset = 60;

    private StateContainer(StateContainerHeader header) => Header = header;

    public StateContainerHeader Header { get; }

    public bool IsDelta => (Header.Flags & StateContainerHeader.DeltaFlag) != 0;

    /// <summary>Sections that it has, of those that are known.</summary>
    public StateSections Sections { get; private set; }

    /// <summary>Values by attribute; they refer to the bytes that the container was read from.</summary>
    public SortedDictionary<StateAttributeId, ReadOnlyMemory<byte>> Attributes { get; } = [];

    /// <summary>Attributes that are gone, in a delta.</summary>
    public SortedSet<StateAttributeId> Removed { get; } = [];

    /// <summary>Reads a container.</summary>
    /// <param name="bytes">May be followed by zeroes, as a log page is that was read with more than its length.</param>
    /// <returns>Null if it is none; <paramref name="problem"/> then says why in one line.</returns>
    public static StateContainer? Read(ReadOnlyMemory<byte> bytes, out string problem)
    {
        problem = HeaderProblem(bytes.Span) ?? "";
        if (problem.Length > 0)
            return null;
        var container = new StateContainer(WireStruct.Read<StateContainerHeader>(bytes.Span[..StateContainerHeader.Size]));
        int end = (int)(ulong)container.Header.TotalBytes;
        problem = container.ReadSections(bytes[StateContainerHeader.Size..end]) ?? "";
        return problem.Length > 0 ? null : container;
    }

    internal static int Padded(int length) => (length + StateAttributeHeader.Alignment - 1) & -StateAttributeHeader.Alignment;

    private static string? HeaderProblem(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < StateContainerHeader.Size)
            return $"{bytes.Length} bytes are less than a header";
        StateContainerHeader header = WireStruct.Read<StateContainerHeader>(bytes[..StateContainerHeader.Size]);
        if (header.Magic != StateContainerHeader.MagicValue)
            return "it does not begin with VMSS";
        if (header.HeaderCrc != Crc32C.Compute(bytes[..HeaderCrcOffset]))
            return "the checksum of the header is wrong";
        if (header.Version != Version)
            return $"it is of version {header.Version}";
        if ((header.Flags & ~StateContainerHeader.DeltaFlag) != 0 || header.Reserved56 != 0)
            return "reserved bits of the header are set";
        if ((header.Flags & StateContainerHeader.DeltaFlag) == 0 && header.BaseGeneration != 0)
            return "it names a generation to be against and is no delta";
        ulong total = header.TotalBytes;
        if (total < StateContainerHeader.Size || total > (uint)bytes.Length)
            return $"it announces {total} bytes, and there are {bytes.Length}";
        if (bytes[(int)total..].ContainsAnyExcept((byte)0))
            return $"it announces {total} bytes, and goes on behind them";
        return header.PayloadCrc == Crc32C.Compute(bytes[StateContainerHeader.Size..(int)total])
            ? null
            : "the checksum of the sections is wrong";
    }

    private string? ReadSections(ReadOnlyMemory<byte> rest)
    {
        for (int i = 0; i < Header.Sections; i++)
        {
            if (rest.Length < StateSectionHeader.Size)
                return $"section {i} of {(ushort)Header.Sections} is cut off";
            StateSectionHeader section = WireStruct.Read<StateSectionHeader>(rest.Span[..StateSectionHeader.Size]);
            rest = rest[StateSectionHeader.Size..];
            if (section.Length > (uint)rest.Length || Padded((int)(uint)section.Length) > rest.Length)
                return $"section {i} of {(ushort)Header.Sections} is cut off";
            if (SectionProblem(section, rest[..(int)(uint)section.Length]) is { } problem)
                return problem;
            if (!TrySkip(ref rest, (int)(uint)section.Length))
                return $"padding behind section {i} is not zero";
        }

        return rest.IsEmpty ? null : $"{rest.Length} bytes follow the last section";
    }

    private string? SectionProblem(in StateSectionHeader section, ReadOnlyMemory<byte> payload)
    {
        var type = (StateSectionType)(ushort)section.Type;
        if (!type.IsKnown())
            return null;
        if (section.Version != StateSectionsExtensions.SectionVersion)
            return $"section {type} is of version {section.Version}";
        if ((Sections & type.ToFlag()) != 0)
            return $"section {type} is there twice";
        Sections |= type.ToFlag();
        while (!payload.IsEmpty)
        {
            if (ReadAttribute(type, ref payload) is { } problem)
                return $"section {type}: {problem}";
        }

        return null;
    }

    private string? ReadAttribute(StateSectionType section, ref ReadOnlyMemory<byte> payload)
    {
        if (payload.Length < StateAttributeHeader.Size)
            return "an attribute is cut off";
        StateAttributeHeader header = WireStruct.Read<StateAttributeHeader>(payload.Span[..StateAttributeHeader.Size]);
        payload = payload[StateAttributeHeader.Size..];
        var id = new StateAttributeId(section, header.Type, header.Key);
        if (header.Length > (uint)payload.Length || Padded((int)(uint)header.Length) > payload.Length)
            return $"attribute {id.Type} is cut off";
        bool isRemoved = (header.Flags & StateAttributeHeader.RemovedFlag) != 0;
        if ((header.Flags & ~StateAttributeHeader.RemovedFlag) != 0 || (isRemoved && (!IsDelta || header.Length != 0)))
            return $"attribute {id.Type} has flags {(ushort)header.Flags:X4}h";
        ReadOnlyMemory<byte> value = payload[..(int)(uint)header.Length];
        if (!TrySkip(ref payload, value.Length))
            return $"padding behind attribute {id.Type} is not zero";
        if (Attributes.ContainsKey(id) || Removed.Contains(id))
            return $"attribute {id.Type} with key {id.Key:X}h is there twice";
        if (isRemoved)
            Removed.Add(id);
        else
            Attributes.Add(id, value);
        return null;
    }

    /// <summary>Goes on behind a value and its padding, which is zero.</summary>
    private static bool TrySkip(ref ReadOnlyMemory<byte> rest, int length)
    {
        ReadOnlySpan<byte> padding = rest.Span[length..Padded(length)];
        rest = rest[Padded(length)..];
        return !padding.ContainsAnyExcept((byte)0);
    }
}
