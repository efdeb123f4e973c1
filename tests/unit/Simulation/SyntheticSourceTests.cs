using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public class SyntheticSourceTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(1.0)]
    [InlineData(1.2)]
    public void Zipf_ranks_come_as_often_as_the_distribution_says(double theta)
    {
        const int ranks = 100_000;
        var zipf = new ZipfDistribution(ranks, theta);
        var random = new SeededRandom(3);
        double[] share = new double[ranks];
        for (int i = 0; i < Draws; i++)
            share[zipf.Next(random)] += 1.0 / Draws;

        double[] weights = [.. Enumerable.Range(1, ranks).Select(rank => Math.Pow(rank, -theta))];
        double total = weights.Sum();
        foreach (int end in new[] { 1, 2, 10, 100, 1_000, 10_000 })
            Assert.Equal(weights[..end].Sum() / total, share[..end].Sum(), 0.01);
    }

    [Fact]
    public void Popular_addresses_of_a_zipf_distribution_are_scattered()
    {
        const int pages = 10_000;
        var options = new SyntheticOptions { Bytes = pages * 4096L, ZipfTheta = 0.99, RequestLimit = Draws };
        int[] hits = new int[pages];
        foreach (Request request in SmallSimulation.Take(new SyntheticSource(options)))
            hits[request.Offset / 4096]++;

        int[] popular = [.. Enumerable.Range(0, pages).OrderByDescending(page => hits[page]).Take(20).Order()];
        Assert.All(popular.Zip(popular.Skip(1)), pair => Assert.True(pair.Second - pair.First > 1));
    }

    [Fact]
    public void Kinds_and_sizes_come_in_their_shares()
    {
        var sizes = new SizeMix((4096, 3), (65536, 1));
        var options = new SyntheticOptions
        {
            ReadPercent = 60,
            WritePercent = 25,
            TrimPercent = 10,
            FlushPercent = 5,
            ReadSizes = sizes,
            WriteSizes = sizes,
            TrimSizes = sizes,
            Bytes = 1 << 30,
            RequestLimit = Draws,
        };

        IReadOnlyList<Request> requests = SmallSimulation.Take(new SyntheticSource(options));

        Assert.Equal(0.60, Share(request => request.Kind == RequestKind.Read), 0.01);
        Assert.Equal(0.25, Share(request => request.Kind == RequestKind.Write), 0.01);
        Assert.Equal(0.10, Share(request => request.Kind == RequestKind.Trim), 0.01);
        Assert.Equal(0.05, Share(request => request.Kind == RequestKind.Flush), 0.01);
        Assert.Equal(0.75 * 0.95, Share(request => request.Length == 4096), 0.01);

        double Share(Func<Request, bool> which) => requests.Count(which) / (double)Draws;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    public void The_sequential_share_continues_where_the_last_request_ended(int percent)
    {
        var options = new SyntheticOptions { Bytes = 1 << 30, SequentialPercent = percent, RequestLimit = Draws };

        IReadOnlyList<Request> requests = SmallSimulation.Take(new SyntheticSource(options));

        int continued = requests.Zip(requests.Skip(1)).Count(pair => pair.Second.Offset == pair.First.Offset + pair.First.Length);
        Assert.Equal(percent / 100.0, continued / (double)Draws, 0.01);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    public void Every_request_lies_within_the_range(int sequentialPercent)
    {
        const long offset = 40960;
        const long bytes = 12_345 * 4096L;
        var options = new SyntheticOptions
        {
            Offset = offset,
            Bytes = bytes,
            ReadSizes = new SizeMix((4096, 1), (40960, 1)),
            SequentialPercent = sequentialPercent,
            ZipfTheta = sequentialPercent == 0 ? 1.1 : 0,
            RequestLimit = Draws,
        };

        Assert.All(SmallSimulation.Take(new SyntheticSource(options)), request =>
        {
            Assert.Equal(0, request.Offset % 4096);
            Assert.InRange(request.Offset, offset, offset + bytes - request.Length);
        });
    }

    [Fact]
    public void Gaps_of_a_poisson_process_are_exponential()
    {
        var options = new SyntheticOptions { Bytes = 1 << 30, Rate = 1e6, IsPoisson = true, RequestLimit = Draws };

        IReadOnlyList<Request> requests = SmallSimulation.Take(new SyntheticSource(options));

        double[] gaps = [.. requests.Zip(requests.Skip(1)).Select(pair => (double)(pair.Second.Arrival - pair.First.Arrival).Nanoseconds)];
        Assert.InRange(gaps.Average(), 990, 1010);
        foreach (double mean in new[] { 0.1, 0.5, 1, 2, 3 })
            Assert.Equal(Math.Exp(-mean), gaps.Count(gap => gap > mean * 1000) / (double)Draws, 0.01);
    }

    [Fact]
    public void A_flush_follows_every_so_many_writes()
    {
        var options = new SyntheticOptions { ReadPercent = 0, WritePercent = 100, Bytes = 1 << 20, FlushEvery = 3, RequestLimit = 8 };

        IEnumerable<RequestKind> kinds = SmallSimulation.Take(new SyntheticSource(options)).Select(request => request.Kind);

        RequestKind[] round = [RequestKind.Write, RequestKind.Write, RequestKind.Write, RequestKind.Flush];
        Assert.Equal([.. round, .. round], kinds);
    }
}
