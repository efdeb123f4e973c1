using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed class TwoLevelBitmapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(300_001)]
    public void Random_operations_agree_with_an_array_of_flags(int length)
    {
        var random = new SeededRandom((ulong)length);
        using var bitmap = new TwoLevelBitmap(length);
        bool[] reference = new bool[length];
        for (int step = 0; step < 300; step++)
        {
            int first = random.Below(length);
            int count = random.Chance(70) ? 1 : random.Below(Math.Min(length - first, 10_000) + 1);
            bool sets = random.Chance(60);
            long expected = reference.AsSpan(first, count).ToArray().Count(set => set != sets);
            Assert.Equal(expected, sets ? bitmap.Set(first, count) : bitmap.Clear(first, count));
            reference.AsSpan(first, count).Fill(sets);

            int at = random.Below(length);
            int span = random.Below(length - at + 1);
            Assert.Equal(reference[at], bitmap[at]);
            Assert.Equal(reference.AsSpan(at, span).Contains(true), bitmap.Any(at, span));
            Assert.Equal(IndexOf(reference, true, at, at + span), bitmap.Next(at, at + span));
            Assert.Equal(IndexOf(reference, false, at, at + span), bitmap.NextClear(at, at + span));
        }

        AssertEqual(reference, bitmap);
        bitmap.Clear();
        AssertEqual(new bool[length], bitmap);
    }

    [Fact]
    public void Union_has_what_either_set_has_and_counts_it_once()
    {
        const int length = 20_000;
        var random = new SeededRandom(5);
        using var left = new TwoLevelBitmap(length);
        using var right = new TwoLevelBitmap(length);
        bool[] reference = new bool[length];
        for (int i = 0; i < 2000; i++)
        {
            int index = random.Below(length);
            reference[index] = true;
            (random.Chance(50) ? left : right).Set(index, 1);
            left.Set(index / 2, 1);
            reference[index / 2] = true;
        }

        left.UnionWith(right);
        AssertEqual(reference, left);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(4097)]
    [InlineData(300_001)]
    public void What_is_moved_is_in_the_other_set_and_counted_once(int length)
    {
        var random = new SeededRandom((ulong)length);
        using var from = new TwoLevelBitmap(length);
        using var to = new TwoLevelBitmap(length);
        bool[] left = new bool[length];
        bool[] moved = new bool[length];
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 50; i++)
            {
                int index = random.Below(length);
                left[index] = true;
                from.Set(index, 1);
            }

            int end = random.Below(length + 1);
            from.MoveTo(to, end);
            for (int i = 0; i < end; i++)
            {
                moved[i] |= left[i];
                left[i] = false;
            }

            AssertEqual(left, from);
            AssertEqual(moved, to);
        }
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 101)]
    [InlineData(100, 1)]
    [InlineData(50, long.MaxValue)]
    public void A_run_that_leaves_the_set_is_a_firmware_fault(long first, long count)
    {
        using var bitmap = new TwoLevelBitmap(100);
        Assert.Throws<FirmwareFaultException>(() => bitmap.Set(first, count));
        Assert.Throws<FirmwareFaultException>(() => bitmap.Clear(first, count));
    }

    private static long IndexOf(bool[] reference, bool wanted, int from, int end) =>
        reference.AsSpan(from, end - from).IndexOf(wanted) is >= 0 and int found ? from + found : end;

    private static void AssertEqual(bool[] expected, TwoLevelBitmap bitmap)
    {
        bool[] walked = new bool[expected.Length];
        long previousEnd = -1;
        for (long from = 0; bitmap.TryNextRun(from, out long first, out long count); from = first + count)
        {
            Assert.True(first > previousEnd, "runs that touch are one run");
            walked.AsSpan((int)first, (int)count).Fill(true);
            previousEnd = first + count;
        }

        Assert.Equal(expected, walked);
        Assert.Equal(expected.Count(set => set), bitmap.Count);
    }
}
