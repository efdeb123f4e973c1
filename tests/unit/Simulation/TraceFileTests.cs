using System.IO.Compression;
using System.Text;
using Emulator.Simulation;
using Emulator.Simulation.Traces;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public sealed class TraceFileTests : IDisposable
{
    private const string Msr =
        """
        128166372003061629,hm,1,Read,3834961,32768,413
        128166372016382155,hm,1,Write,2822144,512,131
        128166372026382245,hm,1,Write,1048576,65536,237
        """;

    private const string Blkparse =
        """
          8,0    3        1     0.000000000   697  G   W 223490 + 8 [kjournald]
          8,0    3        2     0.000001000   697  Q   W 2048 + 8 [kjournald]
          8,0    3        0     0.000001100     0  m   N cfq697 insert_request
          8,0    3        3     0.000001829   697  Q  RA 4096 + 16 [cat]
          8,0    3        4     0.000002197   697  P   N [kjournald]
          8,0    3        5     0.000003000   697  Q FWS [fsync]
          8,0    3        6     0.000004000   697  Q FWFSM 600 + 16 [jbd2]
          8,0    3        7     0.000005000   697  Q   D 8192 + 2048 [fstrim]
          8,0    3        8     0.000006000   697  D   W 223490 + 8 [kjournald]
        CPU3 (sda):
         Reads Queued:           1,        8KiB  Writes Queued:           3,       12KiB
        """;

    private const string Mqsim =
        """
        11413000 0 2048 16 1
        11565000 1 4096 64 0
        """;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"emulator-trace-{Guid.NewGuid():N}.txt");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void An_msr_trace_is_read()
    {
        (string format, IReadOnlyList<Request> requests) = Read(Msr);

        Assert.Equal("msr", format);
        Assert.Equal([RequestKind.Read, RequestKind.Write, RequestKind.Write], requests.Select(request => request.Kind));
        Assert.Equal([0, 1_332_052_600, 2_332_061_600], requests.Select(request => request.Arrival.Nanoseconds));

        // Bytes that are no whole blocks take all blocks that they touch.
        Assert.Equal((3834961 / 512 * 512L, 33280L), (requests[0].Offset, requests[0].Length));
        Assert.Equal((2822144L, 512L), (requests[1].Offset, requests[1].Length));
    }

    [Fact]
    public void Queued_requests_of_blkparse_are_read_with_their_flushes_and_without_its_summary()
    {
        (string format, IReadOnlyList<Request> requests) = Read(Blkparse);

        Assert.Equal("blkparse-q", format);
        Assert.Equal(
            [
                (RequestKind.Write, 1 << 20, 4096, 0),
                (RequestKind.Read, 2 << 20, 8192, 829),
                (RequestKind.Flush, 0, 0, 2000),
                (RequestKind.Flush, 0, 0, 3000),
                (RequestKind.Write, 600 * 512, 8192, 3000),
                (RequestKind.Trim, 4 << 20, 1 << 20, 4000),
            ],
            requests.Select(r => (r.Kind, r.Offset, r.Length, r.Arrival.Nanoseconds)));
        Assert.Equal([false, false, false, false, true, false], requests.Select(request => request.ForceUnitAccess));
    }

    [Fact]
    public void Issued_requests_of_blkparse_are_read_when_asked_for()
    {
        (_, IReadOnlyList<Request> requests) = Read(Blkparse, "blkparse-d");

        Assert.Equal(223490 * 512, Assert.Single(requests).Offset);
    }

    [Fact]
    public void An_mqsim_trace_is_read()
    {
        (string format, IReadOnlyList<Request> requests) = Read(Mqsim);

        Assert.Equal("mqsim", format);
        Assert.Equal(
            [(RequestKind.Read, 1 << 20, 8192, 0), (RequestKind.Write, 2 << 20, 32768, 152_000)],
            requests.Select(r => (r.Kind, r.Offset, r.Length, r.Arrival.Nanoseconds)));
    }

    [Fact]
    public void A_compressed_trace_is_read()
    {
        using (var file = new GZipStream(File.Create(_path), CompressionLevel.Fastest))
            file.Write(Encoding.UTF8.GetBytes(Msr));

        Assert.Equal(3, Take(TraceFile.Open(_path, null)).Count);
    }

    [Fact]
    public void A_request_that_is_older_than_the_one_before_it_arrives_with_that()
    {
        (_, IReadOnlyList<Request> requests) = Read("1000 0 0 8 1\n500 0 8 8 1\n2000 0 16 8 1");

        Assert.Equal([0, 0, 1000], requests.Select(request => request.Arrival.Nanoseconds));
    }

    [Fact]
    public void Addresses_beyond_the_drive_wrap_when_asked_to()
    {
        long beyond = ((128L << 20) + 4096) / 512;
        File.WriteAllText(_path, $"0 0 {beyond} 8 1\n1 0 {(128 << 20) / 512 - 4} 8 0\n");

        IReadOnlyList<Request> requests = Take(TraceFile.Open(_path, null), wrap: true);

        Assert.Equal((4096L, 4096L), (requests[0].Offset, requests[0].Length));
        Assert.Equal(((128L << 20) - 2048, 2048L), (requests[1].Offset, requests[1].Length));
    }

    [Theory]
    [InlineData("128166372003061629,hm,1,Read,38349619,32768,413\n128166372016382155,hm,1,Wri", 2, "type 'Wri' is not Read or Write")]
    [InlineData("128166372003061629,hm,1,Read,38349619,32768,413\n\n128166372016382155,hm", 3, "ends before the disk number")]
    [InlineData("128166372003061629,hm,1,Read,-5,32768,413", 1, "offset '-5' is not a whole number")]
    [InlineData("128166372003061629,hm,1,Read,5,0,413", 1, "size is 0")]
    [InlineData("128166372003061629,hm,1,Read,5,99999999999999999999,413", 1, "size '99999999999999999999' is not a whole number")]
    [InlineData("128166372003061629,hm,1,Read,5,512,413,9", 1, "has more than 7 fields")]
    [InlineData("1 0 0 8 1\n2 0 0 8", 2, "ends before the type")]
    [InlineData("1 0 0 8 1\n2 0 0 8 2", 2, "type '2' is not 0 for a write or 1 for a read")]
    [InlineData("1 0 9223372036854775807 8 1", 1, "9223372036854775807 sectors are more than can be counted")]
    [InlineData("1 0 262144 8 1", 1, "4096 bytes at 134217728 reach beyond the 134217728 bytes of the drive; --wrap")]
    [InlineData("8,0 1 1 0.000000000 9 Q W 0 + 8 [x]\n8,0 1 1 0.0000", 2, "time '0.0000' is not in seconds with nine decimals")]
    [InlineData("8,0 1 1 0.000000000 9 Q W 0 + 8 [x]\n8,0 1 1 0.000000001 9 Q W 0 +", 2, "ends before the number of sectors")]
    [InlineData("8,0 1 1 0.000000000 9 Q W 0 + 8 [x]\n8,0 1 1 0.000000001 9 Q W", 2, "ends before the sector")]
    [InlineData("8,0 1 1 0.000000000 9 Q X 0 + 8 [x]", 1, "RWBS field 'X' is not made of F, R, W, D, N")]
    public void A_line_that_is_wrong_is_named(string text, int line, string message)
    {
        var problem = Assert.Throws<WorkloadException>(() => Read(text));

        Assert.StartsWith($"{_path}: line {line}: {message}", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\nworld\n")]
    public void A_file_that_is_no_trace_is_refused(string text)
    {
        var problem = Assert.Throws<WorkloadException>(() => Read(text));

        Assert.StartsWith($"{_path}: is no trace in a format that is known", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_is_refused()
    {
        File.WriteAllText(_path, "1 0 0 8 1\n" + new string('1', 200_000));

        var problem = Assert.Throws<WorkloadException>(() => Take(TraceFile.Open(_path, null)));

        Assert.StartsWith($"{_path}: line 2: is longer than", problem.Message, StringComparison.Ordinal);
    }

    private (string Format, IReadOnlyList<Request> Requests) Read(string text, string? format = null)
    {
        File.WriteAllText(_path, text);
        TraceFile trace = TraceFile.Open(_path, format);
        return (trace.FormatName, Take(trace));
    }

    private static IReadOnlyList<Request> Take(TraceFile trace, bool wrap = false)
    {
        var target = new WorkloadTarget(128 << 20, 512, 255, Seed: 1);
        using Workload workload = trace.On(target, wrap, depth: 32, limit: long.MaxValue);
        return SmallSimulation.Take(Assert.Single(workload.Jobs).Source);
    }
}
