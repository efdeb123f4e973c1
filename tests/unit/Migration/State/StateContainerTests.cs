using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration;

public sealed class StateContainerTests
{
    private static readonly byte[] Device = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private static readonly StateAttributeId HostNqn = new(InterfaceAttribute.HostNqn, 0);
    private static readonly StateAttributeId Cached = new(TranslationAttribute.Cached, StateAttributeId.KeyOf(1, 3));

    [Fact]
    public void What_is_written_is_read_and_refers_to_its_attributes_by_section_type_and_key()
    {
        StateContainer container = Read(Write());
        Assert.Equal((7ul, 5, false), ((ulong)container.Header.Generation, container.Header.Target, container.IsDelta));
        Assert.Equal(StateSections.Interface | StateSections.Translation, container.Sections);
        Assert.Equal("host"u8.ToArray(), container.Attributes[HostNqn].ToArray());
        Assert.Equal([1, 2, 3], container.Attributes[Cached].ToArray());
        Assert.Equal(2, container.Attributes.Count);
    }

    [Fact]
    public void A_delta_holds_what_changed_what_came_and_what_went_and_makes_the_whole_again()
    {
        var baseline = new StateBaseline(7, StateSections.All);
        StateContainer whole = Read(Write(recorded: baseline));
        byte[] changed = Write(
            against: baseline,
            generation: 8,
            host: "other",
            cached: null,
            also: writer => writer.Attribute(TransportAttribute.Queue, 1, default(TransportQueueState)));
        StateContainer delta = Read(changed);

        Assert.True(delta.IsDelta);
        Assert.Equal((7ul, 8ul), ((ulong)delta.Header.BaseGeneration, (ulong)delta.Header.Generation));
        Assert.Equal([Cached], delta.Removed);
        Assert.Equal([new StateAttributeId(TransportAttribute.Queue, 1), HostNqn], delta.Attributes.Keys);

        StateImage image = StateImage.Of(whole);
        Assert.True(image.IsBaseOf(delta));
        Assert.Equal("other"u8.ToArray(), image.With(delta)[HostNqn].ToArray());
        Assert.True(image.With(delta)[Cached].IsEmpty);
        Assert.Equal("host"u8.ToArray(), image[HostNqn].ToArray());
    }

    [Fact]
    public void A_delta_of_what_did_not_change_holds_nothing()
    {
        var baseline = new StateBaseline(7, StateSections.All);
        Write(recorded: baseline);
        StateContainer delta = Read(Write(against: baseline));
        Assert.Empty(delta.Attributes);
        Assert.Empty(delta.Removed);
    }

    [Fact]
    public void A_delta_is_against_one_state_of_one_VM_of_one_device()
    {
        var baseline = new StateBaseline(7, StateSections.All);
        StateImage image = StateImage.Of(Read(Write(recorded: baseline)));
        var other = new StateBaseline(6, StateSections.All);
        Assert.True(image.IsBaseOf(Read(Write(against: baseline))));
        Assert.False(image.IsBaseOf(Read(Write(against: other))));
        Assert.False(image.IsBaseOf(Read(Write(against: baseline, target: 6))));
        Assert.False(image.IsBaseOf(Read(Write(against: baseline, device: new byte[16]))));
        Assert.False(image.IsBaseOf(Read(Write())));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(4096)]
    public void Zeroes_behind_the_container_are_what_a_log_page_ends_with(int zeroes) =>
        Read([.. Write(), .. new byte[zeroes]]);

    [Fact]
    public void Anything_else_behind_it_is_more_than_was_announced()
    {
        Assert.Null(StateContainer.Read(new byte[] { 0 }, out string problem));
        Assert.Contains("less than a header", problem);
        Assert.Null(StateContainer.Read((byte[])[.. Write(), 0, 0, 0, 1], out problem));
        Assert.Contains("goes on behind", problem);
    }

    public static TheoryData<string, Action<byte[]>> Damages => new()
    {
        { "does not begin", bytes => bytes[0] ^= 1 },
        { "checksum of the header", bytes => bytes[17] ^= 1 },
        { "checksum of the sections", bytes => bytes[^1] ^= 1 },
        { "of version 2", bytes => Patch(bytes, 4, 2) },
        { "reserved bits", bytes => Patch(bytes, 6, 2) },
        { "reserved bits", bytes => Patch(bytes, 56, 1) },
        { "is no delta", bytes => Patch(bytes, 48, 1) },
        { "it announces", bytes => Patch(bytes, 8, 1 << 20) },
        { "it announces 63", bytes => Patch(bytes, 8, 63) },
        { "is cut off", bytes => Patch(bytes, 26, 3) },
        { "follow the last section", bytes => Patch(bytes, 26, 1) },
        { "of version 9", bytes => Patch(bytes, 64 + 2, 9) },
        { "is cut off", bytes => Patch(bytes, 64 + 4, 0xFFFF) },
        { "is cut off", bytes => Patch(bytes, 64 + 8 + 4, 0xFFFF) },
        { "has flags", bytes => Patch(bytes, 64 + 8 + 2, 1) },
        { "has flags", bytes => Patch(bytes, 64 + 8 + 2, 2) },
        { "padding", bytes => Patch(bytes, 64 + 8 + 16 + 6, 1) },
        { "twice", bytes => Patch(bytes, 64 + 8 + 16 + 8, (ushort)StateSectionType.Interface) },
    };

    /// <summary>Whatever is damaged is told; where the checksums would tell, they are made right.</summary>
    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_told(string expected, Action<byte[]> damage)
    {
        byte[] bytes = Write();
        damage(bytes);
        Assert.Null(StateContainer.Read(bytes, out string problem));
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void A_section_and_an_attribute_that_are_not_known_are_skipped()
    {
        byte[] bytes = Write();
        Patch(bytes, 64, 77);
        Patch(bytes, 64 + 2, 9);
        Assert.Equal([Cached], Read(bytes).Attributes.Keys);
        bytes = Write();
        Patch(bytes, 64 + 8, 4711);
        Assert.Contains(new StateAttributeId(StateSectionType.Interface, 4711, 0), Read(bytes).Attributes.Keys);
    }

    /// <summary>Changes a number of two bytes, or the announced length, and makes the checksums right again.</summary>
    private static void Patch(byte[] bytes, int offset, uint value)
    {
        if (offset == 8)
            BitConverter.TryWriteBytes(bytes.AsSpan(offset), (ulong)value);
        else
            BitConverter.TryWriteBytes(bytes.AsSpan(offset), (ushort)value);
        Seal(bytes);
    }

    internal static void Seal(byte[] bytes)
    {
        ref StateContainerHeader header = ref WireStruct.As<StateContainerHeader>(bytes.AsSpan(0, StateContainerHeader.Size));
        header.PayloadCrc = Crc32C.Compute(bytes.AsSpan(StateContainerHeader.Size));
        header.HeaderCrc = Crc32C.Compute(bytes.AsSpan(0, 60));
    }

    private static byte[] Write(
        StateBaseline? against = null,
        StateBaseline? recorded = null,
        ulong generation = 7,
        string host = "host",
        byte[]? cached = null,
        ushort target = 5,
        byte[]? device = null,
        Action<StateWriter>? also = null)
    {
        var writer = new StateWriter();
        writer.Begin(against, recorded);
        if (also != null)
        {
            writer.BeginSection(StateSectionType.Transport);
            also(writer);
            writer.EndSection();
        }

        writer.BeginSection(StateSectionType.Interface);
        writer.Attribute(HostNqn.Type, HostNqn.Key, System.Text.Encoding.ASCII.GetBytes(host));
        writer.EndSection();
        writer.BeginSection(StateSectionType.Translation);
        if (cached != null || also == null)
            writer.Attribute(Cached.Type, Cached.Key, cached ?? [1, 2, 3]);
        writer.EndSection();
        writer.Finish(generation, target, device ?? Device);
        return writer.Page.ToArray();
    }

    private static StateContainer Read(byte[] bytes)
    {
        StateContainer? container = StateContainer.Read(bytes, out string problem);
        Assert.True(container != null, problem);
        return container;
    }
}
