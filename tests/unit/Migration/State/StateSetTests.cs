using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration;

public sealed class StateSetTests
{
    private const ulong Units = 3 * StateSetWriter.PartUnits;

    [Theory]
    [InlineData(1, 40, 5000)]
    [InlineData(2, 3, 3)]
    [InlineData(3, 2, 2)]
    [InlineData(4, 200_000, 300_000)]
    public void What_is_in_a_set_is_read_back_whichever_form_it_has(ulong seed, int longestRun, int longestGap)
    {
        var random = new SeededRandom(seed);
        List<(ulong First, ulong Count)> runs = [];
        for (ulong at = (ulong)random.Below(longestGap); at < Units;)
        {
            ulong count = Math.Min((ulong)(1 + random.Below(longestRun)), Units - at);
            runs.Add((at, count));
            at += count + (ulong)(1 + random.Below(longestGap));
        }

        var writer = new StateWriter();
        writer.Begin(null, null);
        writer.BeginSection(StateSectionType.Translation);
        var set = new StateSetWriter(writer);
        set.Begin((ushort)TranslationAttribute.Allocated, 9);
        foreach ((ulong first, ulong count) in runs)
            set.Add(first, count);
        set.End();
        writer.EndSection();
        writer.Finish(1, 1, new byte[16]);

        StateContainer container = StateContainer.Read(writer.Page.ToArray(), out _)!;
        TwoLevelBitmap expected = new((long)Units), found = new((long)Units);
        foreach ((ulong first, ulong count) in runs)
            expected.Set((long)first, (long)count);
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in container.Attributes)
        {
            Assert.Equal(9u, id.Nsid);
            Assert.Null(StateSetReader.Problem(value.Span, id.Part, Units));
            Assert.True(value.Length <= 32776, "a part takes no more than its bitmap");
            for (var reader = new StateSetReader(value.Span, id.Part); reader.TryNext(out ulong first, out ulong count);)
                Assert.Equal((long)count, found.Set((long)first, (long)count));
        }

        Assert.Equal(expected.Count, found.Count);
        found.UnionWith(expected);
        Assert.Equal(expected.Count, found.Count);
        expected.Dispose();
        found.Dispose();
    }

    public static TheoryData<string, byte[]> Impossible => new()
    {
        { "cut off", [0, 0, 0, 0] },
        { "no form", Set(2, 1, 0, 1) },
        { "no form", [.. Set(0, 1, 0, 1), 0] },
        { "no form", [0, 1, 0, 0, .. Set(0, 1, 0, 1)[4..]] },
        { "no form", [1, 0, 0, 0, 1, 0, 0, 0, .. new byte[32769]] },
        { "another number", Set(0, 2, 0, 1) },
        { "another number", Set(0, 0) },
        { "another number", [1, 0, 0, 0, 9, 0, 0, 0, 0xFF] },
        { "out of order", Set(0, 0, 5, 0) },
        { "out of order", Set(0, 2, 5, 1, 4, 1) },
        { "out of order", Set(0, 2, 5, 1, 6, 1) },
        { "out of order", Set(0, 1, 100, 1) },
        { "out of order", Set(0, 2, 99, 2) },
        { "out of order", Set(0, uint.MaxValue, 1, uint.MaxValue) },
        { "out of order", [1, 0, 0, 0, 1, 0, 0, 0, .. new byte[12], 0x10] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void An_impossible_set_is_told(string expected, byte[] value) =>
        Assert.Contains(expected, StateSetReader.Problem(value, 0, units: 100));

    private static byte[] Set(byte form, params uint[] numbers) =>
        [form, 0, 0, 0, .. numbers.SelectMany(BitConverter.GetBytes)];
}
