using Emulator.Core;
using Emulator.Simulation;
using Emulator.Simulation.Jobs;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public class JobFileTests
{
    private static readonly WorkloadTarget Target = new(1 << 30, 4096, 4080, Seed: 1);

    [Fact]
    public void Global_keys_hold_for_the_sections_after_them_and_a_stonewall_begins_a_stage()
    {
        using Workload workload = Read(
            """
            ; comment
            [global]
            ioengine=libaio
            iodepth=8
            size=64m

            [first]
            rw=randread
            number_ios=10

            # another
            [second]
            rw=write
            bs=64k
            numjobs=2

            [third]
            stonewall
            iodepth=1
            runtime=500ms
            """);

        Assert.Equal(["first", "second", "second", "third"], workload.Jobs.Select(job => job.Name));
        Assert.Equal([0, 0, 0, 1], workload.Jobs.Select(job => job.Stage));
        Assert.Equal([8, 8, 8, 1], workload.Jobs.Select(job => job.Depth));
        Assert.Equal(SimDuration.FromMilliseconds(500), workload.Jobs[3].Runtime);
        Assert.Equal(10, SmallSimulation.Take(workload.Jobs[0].Source).Count);
        Assert.Equal(Enumerable.Range(0, 1024).Select(i => i * 65536L), SmallSimulation.Take(workload.Jobs[1].Source).Select(r => r.Offset));
    }

    [Fact]
    public void Every_direction_may_have_sizes_of_its_own()
    {
        using Workload workload = Read(
            """
            [job]
            rw=randrw
            rwmixread=75
            bssplit=4k/50:8k,16k
            number_ios=10000
            """);

        IReadOnlyList<Request> requests = SmallSimulation.Take(workload.Jobs[0].Source);

        Request[] reads = [.. requests.Where(request => request.Kind == RequestKind.Read)];
        Assert.Equal(0.75, reads.Length / 10_000.0, 0.02);
        Assert.Equal(0.5, reads.Count(request => request.Length == 8192) / (double)reads.Length, 0.03);
        Assert.All(requests.Where(request => request.Kind == RequestKind.Write), request => Assert.Equal(16384, request.Length));
    }

    [Fact]
    public void A_job_ends_when_it_has_transferred_its_size()
    {
        using Workload workload = Read("[job]\nrw=randwrite\nbs=4k\nsize=1m\noffset=8m\nfsync=64");

        IReadOnlyList<Request> requests = SmallSimulation.Take(workload.Jobs[0].Source);

        Request[] writes = [.. requests.Where(request => request.Kind == RequestKind.Write)];
        Assert.Equal(256, writes.Length);
        Assert.All(writes, request => Assert.InRange(request.Offset, 8 << 20, (9 << 20) - 4096));
        Assert.Equal(3, requests.Count - writes.Length);
    }

    [Fact]
    public void The_same_random_seed_gives_the_same_requests_and_copies_differ()
    {
        using Workload workload = Read("[job]\nrw=randread\nrandseed=5\nnumber_ios=100\n[other]\nrw=randread\nrandseed=5\nnumber_ios=100\nnumjobs=2");

        long[][] offsets = [.. workload.Jobs.Select(job => SmallSimulation.Take(job.Source).Select(request => request.Offset).ToArray())];

        Assert.Equal(offsets[0], offsets[1]);
        Assert.NotEqual(offsets[1], offsets[2]);
    }

    [Theory]
    [InlineData("rw=read", "job.fio: line 1: a key before the first section")]
    [InlineData("[job", "job.fio: line 1: '[job' is not a section such as [job1]")]
    [InlineData("[global]\nrw=read", "job.fio: has no job")]
    [InlineData("[job]\n\nfrobnicate=1", "job.fio: line 3: unknown key 'frobnicate'; known are rw,")]
    [InlineData("[job]\nrw=", "job.fio: line 2: rw has no value")]
    [InlineData("[job]\nrw=sideways", "job.fio: line 2: rw: 'sideways' must be one of read, write,")]
    [InlineData("[job]\nbs=5k", "job.fio: line 2: bs: a block size of '5k' is not a multiple of the drive's blocks of 4096 bytes")]
    [InlineData("[job]\nbs=4x", "job.fio: line 2: bs: '4x' is not a size such as 4096, 4k, 16m or 1g")]
    [InlineData("[job]\nbs=0", "job.fio: line 2: bs: a block size of '0' must be up to 1g")]
    [InlineData("[job]\nbs=99999999999999999999g", "job.fio: line 2: bs: '99999999999999999999g' is not a size")]
    [InlineData("[job]\nbssplit=4k/60:8k/60", "job.fio: line 2: bssplit: the shares in '4k/60:8k/60' do not add up to 100%")]
    [InlineData("[job]\niodepth=0", "job.fio: line 2: iodepth: '0' must be a whole number from 1 to 4080")]
    [InlineData("[job]\niodepth=-1", "job.fio: line 2: iodepth: '-1' must be a whole number from 1 to 4080")]
    [InlineData("[job]\nrwmixread=101", "job.fio: line 2: rwmixread: '101' must be a whole number from 0 to 100")]
    [InlineData("[job]\nrate_iops=NaN", "job.fio: line 2: rate_iops: 'NaN' must be a number from 0 to 1000000000")]
    [InlineData("[job]\nrandom_distribution=pareto:1", "job.fio: line 2: random_distribution: 'pareto:1' must be random or zipf:THETA")]
    [InlineData("[job]\nruntime=5x", "job.fio: line 2: runtime: '5x' is not a time such as 30, 30s, 500ms or 5m")]
    [InlineData("[a]\n[job]\nsize=2g", "job.fio: line 2: offset 0 and size 2147483648 reach beyond the 1073741824 bytes of the drive")]
    [InlineData("[job]\noffset=1000", "job.fio: line 1: offset 1000 is not a multiple of the drive's blocks of 4096 bytes")]
    [InlineData("[job]\ntime_based", "job.fio: line 1: time_based needs runtime")]
    [InlineData("[job]\nsize=4k\nbs=8k", "job.fio: line 1: requests of 8192 bytes do not fit into a size of 4096 bytes")]
    [InlineData("[a]\niodepth=4000\n[b]\niodepth=4000", "job.fio: line 3: jobs that run together have 8000 commands outstanding")]
    public void A_mistake_is_one_line_that_names_its_place(string text, string message)
    {
        var problem = Assert.Throws<WorkloadException>(() => Read(text));

        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    private static Workload Read(string text) => JobFile.Read("job.fio", text.Split('\n').Select(line => line.TrimEnd('\r')), Target);
}
