using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// Where requests go, as figures 7 to 9 have it: 16 blocks, copied in chunks of 4. Commands complete one by one.
/// </summary>
public sealed class SchemeRunTests : ISchemeSink, IDisposable
{
    private const int Blocks = 16;
    private const int ChunkBlocks = 4;

    private readonly ManualDevice _source = new(Blocks);
    private readonly ManualDevice _destination = new(Blocks);
    private readonly List<int> _answered = [];
    private SchemeRun? _run;
    private int _next;

    void ISchemeSink.RequestCompleted(SimTime now, int request, bool isSuccess) => _answered.Add(isSuccess ? request : ~request);

    public void Dispose() => _run?.Dispose();

    [Theory]
    [InlineData(SchemeKind.DirtyBlockTracking, 0, "S", "S")]
    [InlineData(SchemeKind.DirtyBlockTracking, 8, "S", "S")]
    [InlineData(SchemeKind.Mirroring, 0, "S", "SD")]
    [InlineData(SchemeKind.Mirroring, 8, "S", "S")]
    [InlineData(SchemeKind.LowRedundancy, 0, "D", "D")]
    [InlineData(SchemeKind.LowRedundancy, 8, "S", "D")]
    [InlineData(SchemeKind.SourceLowRedundancy, 0, "S", "D")]
    [InlineData(SchemeKind.SourceLowRedundancy, 8, "S", "S")]
    [InlineData(SchemeKind.AsynchronousMirroring, 0, "S", "SD")]
    [InlineData(SchemeKind.AsynchronousMirroring, 8, "S", "S")]
    [InlineData(SchemeKind.ReferenceAtSource, 0, "S", "S")]
    [InlineData(SchemeKind.ReferenceAtDestination, 8, "D", "D")]
    public void A_request_goes_where_the_scheme_wants_it(SchemeKind kind, int lba, string read, string write)
    {
        Begin(kind);
        CopyChunk();
        Assert.Equal(read, SidesOf(BlockOperation.Read, lba));
        Assert.Equal(write, SidesOf(BlockOperation.Write, lba));
    }

    [Theory]
    [InlineData(SchemeKind.LowRedundancy, 8)]
    [InlineData(SchemeKind.SourceLowRedundancy, 0)]
    public void A_read_follows_the_write_to_the_destination(SchemeKind kind, int lba)
    {
        Begin(kind);
        CopyChunk();
        Assert.Equal("S", kind == SchemeKind.SourceLowRedundancy ? SidesOf(BlockOperation.Read, lba) : "S");
        Assert.Equal("D", SidesOf(BlockOperation.Write, lba));
        Assert.Equal("D", SidesOf(BlockOperation.Read, lba));
    }

    [Fact]
    public void Low_redundancy_skips_what_was_written_at_the_destination()
    {
        SchemeRun run = Begin(SchemeKind.LowRedundancy);
        Submit(BlockOperation.Write, 5, 2);
        _destination.Complete(run);
        var copied = new List<BlockRequest>();
        while (_source.Outstanding.Count > 0)
        {
            _source.Complete(run);
            copied.Add(_destination.Complete(run));
        }

        Assert.Equal([(0ul, 4u), (4, 1), (7, 4), (11, 4), (15, 1)], copied.Select(range => (range.StartLba, range.Blocks)));
        Assert.Equal((14 << 12, 2 << 12), (run.Counters.BytesCopied, run.Counters.BytesSkipped));
    }

    [Fact]
    public void Requests_to_blocks_that_are_being_copied_wait_and_go_on_in_order()
    {
        SchemeRun run = Begin(SchemeKind.LowRedundancy);
        Submit(BlockOperation.Write, 1, 1);
        Submit(BlockOperation.Read, 1, 1);
        Submit(BlockOperation.Write, 1, 1);
        Assert.Equal((1, 0), (_source.Outstanding.Count, _destination.Outstanding.Count));
        Assert.Equal(3, run.Counters.RequestsDeferred);

        CopyChunk();
        for (int i = 0; i < 3; i++)
        {
            Assert.Single(_destination.Outstanding);
            _destination.Complete(run);
        }

        Assert.Equal([0, 1, 2], _answered);
    }

    [Fact]
    public void A_request_to_blocks_that_a_paced_copy_has_not_begun_to_read_waits_for_nothing()
    {
        SchemeRun run = Begin(SchemeKind.LowRedundancy, options => options with { IsPaced = true, CopyDepth = 4 });
        Submit(BlockOperation.Write, 1, 1);
        _destination.Complete(run);
        Assert.Equal([0], _answered);

        Assert.Equal(1 << 12, run.StepCopy(SimTime.Zero));
        Submit(BlockOperation.Write, 0, 1);
        Assert.Equal((1, 0), (_source.Outstanding.Count, _destination.Outstanding.Count));
        CopyChunk();
        _destination.Complete(run);
        Assert.Equal([0, 1], _answered);
        Assert.Empty(_source.Outstanding);
    }

    [Fact]
    public void A_paced_copy_has_no_more_under_way_than_it_may()
    {
        SchemeRun run = Begin(SchemeKind.Mirroring, options => options with { IsPaced = true, CopyDepth = 2 });
        Assert.Equal([ChunkBlocks << 12, ChunkBlocks << 12, 0], Enumerable.Range(0, 3).Select(_ => run.StepCopy(SimTime.Zero)));
        CopyChunk();
        Assert.Equal([ChunkBlocks << 12, 0], Enumerable.Range(0, 2).Select(_ => run.StepCopy(SimTime.Zero)));
    }

    /// <summary>Nothing is under way whose completion would end the pass.</summary>
    [Fact]
    public void A_paced_pass_ends_when_the_vm_has_written_what_was_left_of_it()
    {
        SchemeRun run = Begin(SchemeKind.LowRedundancy, options => options with { IsPaced = true });
        run.StepCopy(SimTime.Zero);
        CopyChunk();
        Submit(BlockOperation.Write, ChunkBlocks, Blocks - ChunkBlocks);
        _destination.Complete(run);
        Assert.Equal(SchemePhase.Copying, run.Phase);

        Assert.Equal(0, run.StepCopy(SimTime.Zero));
        Assert.Equal(BlockOperation.Flush, Assert.Single(_destination.Outstanding).Request.Operation);
        Assert.Equal(0, run.StepCopy(SimTime.Zero));
        _destination.Complete(run);
        Assert.Equal(SchemePhase.Converged, run.Phase);
    }

    [Fact]
    public void A_request_across_the_regions_is_one_request_in_two_parts()
    {
        SchemeRun run = Begin(SchemeKind.SourceLowRedundancy);
        CopyChunk();
        CopyChunk();
        Submit(BlockOperation.Write, 6, 1);
        _destination.Complete(run);
        Submit(BlockOperation.Read, 4, 4);
        Assert.Equal((3, 1), (_source.Outstanding.Count, _destination.Outstanding.Count));
        _destination.Complete(run);
        _source.Outstanding.RemoveAt(0);
        _source.Complete(run);
        Assert.DoesNotContain(1, _answered);
        _source.Complete(run);
        Assert.Contains(1, _answered);
    }

    [Fact]
    public void Mirroring_waits_for_both_and_asynchronous_mirroring_for_the_first()
    {
        foreach (SchemeKind kind in new[] { SchemeKind.Mirroring, SchemeKind.AsynchronousMirroring })
        {
            Dispose();
            Clear();
            SchemeRun run = Begin(kind);
            CopyChunk();
            Submit(BlockOperation.Write, 0, 1);
            _destination.Complete(run);
            Assert.Equal(kind == SchemeKind.AsynchronousMirroring, _answered.Count == 1);
            Submit(BlockOperation.Read, 0, 1);
            Assert.Equal(2, _source.Outstanding.Count);
            _source.Outstanding.RemoveAt(0);
            _source.Complete(run);
            Assert.Equal([0], _answered);
            Assert.Equal(BlockOperation.Read, Assert.Single(_source.Outstanding).Request.Operation);
        }
    }

    [Fact]
    public void With_more_writes_pending_than_the_threshold_a_write_waits_and_looks_again()
    {
        SchemeRun run = Begin(SchemeKind.AsynchronousMirroring, options => options with { PendingThreshold = 1 });
        CopyChunk();
        for (int lba = 0; lba < 3; lba++)
            Submit(BlockOperation.Write, lba, 1);
        Assert.Equal(2, _destination.Outstanding.Count);
        Assert.Equal(SimTime.Zero + SimDuration.FromMilliseconds(1), run.NextEvent);
        run.Advance(run.NextEvent);
        Assert.Equal(SimTime.Zero + SimDuration.FromMilliseconds(2), run.NextEvent);

        _source.Outstanding.RemoveAt(0);
        _source.Complete(run);
        _destination.Complete(run);
        run.Advance(run.NextEvent);
        Assert.Equal(SimTime.Never, run.NextEvent);
        Assert.Equal((2, 2), (run.Counters.Delays, run.Counters.MostPending));
    }

    [Theory]
    [InlineData(PendingWrites.AtSource, true)]
    [InlineData(PendingWrites.AtDestination, false)]
    public void The_counter_may_be_of_the_writes_that_one_side_has_not_done(PendingWrites pending, bool isSourceCounted)
    {
        SchemeRun run = Begin(SchemeKind.AsynchronousMirroring, options => options with { PendingThreshold = 1, Pending = pending });
        CopyChunk();
        for (int lba = 0; lba < 3; lba++)
            Submit(BlockOperation.Write, lba, 1);
        Assert.Equal((2, 1), (_destination.Outstanding.Count, run.Counters.Delays));

        _source.Outstanding.RemoveAt(0);
        (isSourceCounted ? _destination : _source).Complete(run);
        run.Advance(run.NextEvent);
        Assert.Equal(2, run.Counters.Delays);
        (isSourceCounted ? _source : _destination).Complete(run);
        run.Advance(run.NextEvent);

        Assert.Equal(SimTime.Never, run.NextEvent);
        Assert.Equal((2, 2), (run.Counters.Delays, run.Counters.MostPending));
    }

    [Fact]
    public void A_flush_waits_for_writes_that_were_answered_before_both_had_them()
    {
        SchemeRun run = Begin(SchemeKind.AsynchronousMirroring);
        CopyChunk();
        Submit(BlockOperation.Write, 0, 1);
        _destination.Complete(run);
        Submit(BlockOperation.Flush, 0, 0);
        Assert.Empty(_destination.Outstanding);
        _source.Outstanding.RemoveAt(0);
        _source.Complete(run);
        Assert.Equal(BlockOperation.Flush, Assert.Single(_destination.Outstanding).Request.Operation);
    }

    [Theory]
    [InlineData(DirtyFallBack.Pause, SchemePhase.Converged)]
    [InlineData(DirtyFallBack.GiveUp, SchemePhase.RolledBack)]
    [InlineData(DirtyFallBack.Mirror, SchemePhase.Copying)]
    public void Rounds_that_do_not_converge_end_in_the_fall_back(DirtyFallBack fallBack, SchemePhase phase)
    {
        SchemeRun run = Begin(
            SchemeKind.DirtyBlockTracking, options => options with { MostRounds = 2, ConvergedBytes = 0, FallBack = fallBack });
        for (int i = 0; i < 4 + 2; i++)
        {
            Submit(BlockOperation.Write, 0, 1 + (uint)i);
            CopyChunk();
            _source.Complete(run);
            while (_source.Outstanding.Count == 0 && _destination.Outstanding.Count > 0)
                _destination.Complete(run);
            if (run.Phase != SchemePhase.Copying || run.Counters.Rounds > 2)
                break;
        }

        Assert.Equal(phase, run.Phase);
    }

    private SchemeRun Begin(SchemeKind kind, Func<SchemeOptions, SchemeOptions>? with = null)
    {
        var options = new SchemeOptions { Kind = kind, CopyBytes = ChunkBlocks << 12, ReadThroughBytes = 0, ConvergedBytes = 0 };
        _run = new SchemeRun(_source, _destination, with?.Invoke(options) ?? options, this);
        _run.Begin(SimTime.Zero);
        return _run;
    }

    private void Clear()
    {
        _source.Outstanding.Clear();
        _destination.Outstanding.Clear();
        _answered.Clear();
        _next = 0;
    }

    /// <summary>The chunk that is being read is copied, and the next one is being read.</summary>
    private void CopyChunk()
    {
        _source.Complete(_run!);
        _destination.Complete(_run!);
    }

    private void Submit(BlockOperation operation, int lba, uint blocks) =>
        Assert.True(_run!.TrySubmit(SimTime.Zero, _next++, new BlockRequest(operation, (ulong)lba, blocks), default));

    /// <summary>Submits a request of one block, completes it, and says where it went.</summary>
    private string SidesOf(BlockOperation operation, int lba)
    {
        (int source, int destination) = (_source.Outstanding.Count, _destination.Outstanding.Count);
        Submit(operation, lba, 1);
        string sides = (_source.Outstanding.Count > source ? "S" : "") + (_destination.Outstanding.Count > destination ? "D" : "");
        CompleteLast(_source, source);
        CompleteLast(_destination, destination);
        return sides;
    }

    private void CompleteLast(ManualDevice device, int before)
    {
        if (device.Outstanding.Count == before)
            return;
        int tag = device.Outstanding[^1].Tag;
        device.Outstanding.RemoveAt(device.Outstanding.Count - 1);
        _run!.Completed(SimTime.Zero, tag, isSuccess: true);
    }
}
