using System.Diagnostics;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Xunit.Abstractions;

namespace Emulator.SimulationTests;

/// <summary>Tests that measure the process run when no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public static class Alone;

/// <summary>How long a drive of 64 GiB takes until it is ready, every page of which is written.</summary>
[Collection(nameof(Alone))]
public sealed class MountTests(ITestOutputHelper output)
{
    private const long Capacity = 64L << 30;
    private const int Pages = (int)(Capacity / FlashGeometry.PageBytes);

    /// <summary>Processor time, since a machine that is busy with other things makes any wait longer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_full_drive_of_64_GiB_mounts_in_under_five_seconds_after_a_power_loss_and_after_a_shutdown()
    {
        (int metadataBytes, long journalBytes) = SystemLayout.DefaultSizes(Capacity);
        var format = new MediumFormat
        {
            Id = Guid.Empty,
            Geometry = FlashGeometry.ForCapacity(Capacity, 28, FlashTranslationLayer.LeastSpareSuperblocks),
            LogicalPages = Pages,
            MetadataBytes = metadataBytes,
            JournalBytes = journalBytes,
        };

        // Contents are not kept, which leaves out the checksums of the pages that are scanned: some 0.3 us each.
        using var medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, keepsData: false, persists: true);
        FlashTranslationLayer.Format(medium, format);
        using (var ftl = new FlashTranslationLayer(new FlashArray(medium), Pages))
            Fill(ftl);

        using (FlashTranslationLayer ftl = Mount(medium, "after a power loss"))
            Assert.True(ftl.Shutdown(SimTime.Zero).IsSuccess);
        using (FlashTranslationLayer ftl = Mount(medium, "after a shutdown"))
            Assert.True(ftl.RecoveryReport!.WasClean);
    }

    private static void Fill(FlashTranslationLayer ftl)
    {
        byte[] data = new byte[FlashGeometry.PageBytes];
        var random = new SeededRandom(1);
        for (uint page = 0; page < Pages; page++)
            ftl.Write(SimTime.Zero, new LogicalPage(page), WriteStream.Host, data);
        for (int i = 0; i < Pages / 8; i++)
            ftl.Write(SimTime.Zero, new LogicalPage((uint)random.Below(Pages)), WriteStream.Host, data);
        Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
    }

    private FlashTranslationLayer Mount(MemoryMedium medium, string when)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long started = Stopwatch.GetTimestamp();
        var ftl = new FlashTranslationLayer(new FlashArray(medium), Pages);
        process.Refresh();
        TimeSpan used = process.TotalProcessorTime - before;
        RecoveryReport report = ftl.RecoveryReport!;
        output.WriteLine(
            $"{when}: {used.TotalSeconds:F2} s of processor time, {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s; {report.PagesMapped} pages mapped, "
            + $"{report.PagesScanned} of {report.SuperblocksScanned} superblocks scanned, {report.PagesReplayed} newer than the map");
        Assert.Equal(Pages, report.PagesMapped);
        Assert.True(used < Limit, $"{used} of processor time {when}");
        return ftl;
    }
}
