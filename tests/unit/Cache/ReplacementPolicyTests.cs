using Emulator.Cache;
using Emulator.Core;

namespace Emulator.UnitTests.Cache;

/// <summary>Which line goes, for sequences of what a cache tells its policy: +n added, *n used, -n removed, !n favoured and added.</summary>
public class ReplacementPolicyTests
{
    [Theory]
    [InlineData(ReplacementPolicyKind.Lru, "+0 +1 +2", "0 1 2")]
    [InlineData(ReplacementPolicyKind.Lru, "+0 +1 +2 *0", "1 2 0")]
    [InlineData(ReplacementPolicyKind.Lru, "+0 +1 +2 *1 *0 *1", "2 0 1")]
    [InlineData(ReplacementPolicyKind.Lru, "+0 +1 +2 -1", "0 2")]
    [InlineData(ReplacementPolicyKind.Lru, "!0 +1 +2", "1 2 0")]
    [InlineData(ReplacementPolicyKind.Clock, "+0 +1 +2", "0 1 2")]
    [InlineData(ReplacementPolicyKind.Clock, "+0 +1 +2 *0", "1 2 0")]
    [InlineData(ReplacementPolicyKind.Clock, "+0 +1 +2 *1 *0 *1", "2 0 1")]
    [InlineData(ReplacementPolicyKind.Clock, "+0 +1 +2 -0", "1 2")]
    [InlineData(ReplacementPolicyKind.Clock, "!0 +1 +2 *1", "2 1 0")]
    [InlineData(ReplacementPolicyKind.S3Fifo, "+0 +1 +2", "0 1 2")]
    [InlineData(ReplacementPolicyKind.S3Fifo, "+0 +1 +2 *0", "1 2 0")]
    [InlineData(ReplacementPolicyKind.S3Fifo, "+0 +1 +2 *0 *1", "2 0 1")]
    [InlineData(ReplacementPolicyKind.S3Fifo, "+0 +1 +2 -1", "0 2")]
    [InlineData(ReplacementPolicyKind.S3Fifo, "!0 +1 +2 *1", "2 1 0")]
    public void A_policy_gives_up_lines_in_its_order(ReplacementPolicyKind kind, string events, string expected)
    {
        using var lines = new LineTable(16);
        ReplacementPolicy policy = ReplacementPolicy.Create(kind, lines);
        foreach (string text in events.Split(' '))
            Tell(policy, lines, text);

        var order = new List<int>();
        for (int line = policy.Evict(); line != CacheLine.None; line = policy.Evict())
            order.Add(line);

        Assert.Equal(expected, string.Join(' ', order));
    }

    /// <summary>
    /// A hot set that fits, read again and again, with a scan through ten times the cache after each round: a policy that
    /// resists keeps the hot set, one that does not loses all of it.
    /// </summary>
    [Theory]
    [InlineData(ReplacementPolicyKind.S3Fifo, 0.9, 1.0)]
    [InlineData(ReplacementPolicyKind.Lru, 0.0, 0.2)]
    public void A_scan_drives_the_hot_set_out_only_where_it_is_let(ReplacementPolicyKind kind, double least, double most)
    {
        const int size = 100;
        using var cache = new PolicyCache(kind, size);
        uint scanned = 1000;
        for (int round = 0; round < 20; round++)
        {
            cache.Hits = cache.Reads = 0;
            for (uint page = 0; page < size / 2; page++)
                cache.Read(page);
            double ratio = (double)cache.Hits / cache.Reads;
            if (round > 2)
                Assert.InRange(ratio, least, most);
            for (uint page = 0; page < size / 2; page++)
                cache.Read(page);
            for (int i = 0; i < 10 * size; i++)
                cache.Read(scanned++);
        }
    }

    [Fact]
    public void A_page_that_comes_back_soon_after_it_went_is_in_the_main_queue()
    {
        using var cache = new PolicyCache(ReplacementPolicyKind.S3Fifo, 20);
        for (uint page = 0; page < 30; page++)
            cache.Read(page);
        cache.Read(5);
        for (uint page = 100; page < 400; page++)
            cache.Read(page);
        cache.Hits = 0;
        cache.Read(5);
        Assert.Equal(1, cache.Hits);
    }

    [Theory]
    [InlineData(ReplacementPolicyKind.S3Fifo)]
    [InlineData(ReplacementPolicyKind.Lru)]
    [InlineData(ReplacementPolicyKind.Clock)]
    public void Every_line_that_was_added_is_given_up_once_whatever_happened_between(ReplacementPolicyKind kind)
    {
        var random = new SeededRandom(5);
        using var lines = new LineTable(64);
        ReplacementPolicy policy = ReplacementPolicy.Create(kind, lines);
        var inside = new HashSet<int>();
        for (int step = 0; step < 20_000; step++)
        {
            int line = random.Below(64);
            switch (random.Below(4))
            {
                case 0 when inside.Add(line):
                    lines[line] = new CacheLine { Page = (uint)random.Below(200), State = LineState.Clean };
                    lines[line].Flags = random.Chance(10) ? LineFlags.Favoured : LineFlags.None;
                    policy.Add(line);
                    break;
                case 1 when inside.Contains(line):
                    policy.Use(line);
                    break;
                case 2 when inside.Remove(line):
                    policy.Remove(line);
                    break;
                case 3:
                    int evicted = policy.Evict();
                    Assert.Equal(inside.Count > 0, evicted != CacheLine.None);
                    Assert.True(evicted == CacheLine.None || inside.Remove(evicted), $"line {evicted} was not there");
                    break;
            }
        }
    }

    private static void Tell(ReplacementPolicy policy, LineTable lines, string text)
    {
        int line = text[1] - '0';
        switch (text[0])
        {
            case '*':
                policy.Use(line);
                break;
            case '-':
                policy.Remove(line);
                break;
            default:
                lines[line] = new CacheLine { Page = (uint)line, State = LineState.Clean };
                lines[line].Flags = text[0] == '!' ? LineFlags.Favoured : LineFlags.None;
                policy.Add(line);
                break;
        }
    }

    /// <summary>A cache of names: what a policy makes of reads.</summary>
    private sealed class PolicyCache(ReplacementPolicyKind kind, int size) : IDisposable
    {
        private readonly LineTable _lines = new(size);
        private readonly Dictionary<uint, int> _where = [];
        private ReplacementPolicy? _policy;
        private int _used;

        public int Hits { get; set; }

        public int Reads { get; set; }

        public void Read(uint page)
        {
            _policy ??= ReplacementPolicy.Create(kind, _lines);
            Reads++;
            if (_where.TryGetValue(page, out int line))
            {
                Hits++;
                _policy.Use(line);
                return;
            }

            line = _used < size ? _used++ : Evict();
            _lines[line] = new CacheLine { Page = page, State = LineState.Clean };
            _where[page] = line;
            _policy.Add(line);
        }

        public void Dispose() => _lines.Dispose();

        private int Evict()
        {
            int line = _policy!.Evict();
            _where.Remove(_lines[line].Page);
            return line;
        }
    }
}
