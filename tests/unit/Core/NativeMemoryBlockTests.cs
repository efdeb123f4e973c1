using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed partial class NativeMemoryBlockTests
{
    private const int PageBytes = 4096;
    private const int AdviseNotNeeded = 4;

    [Fact]
    public unsafe void What_is_populated_is_there_before_it_is_touched_and_what_was_written_stays()
    {
        const int bytes = (40 << 20) + PageBytes;
        using var block = new NativeMemoryBlock(bytes);
        GiveBack(block.Pointer, bytes);
        int page = bytes / PageBytes / 2;
        block.Pointer[page * PageBytes] = 7;
        Assert.InRange(ResidentPages(block.Pointer, bytes), 1, (bytes / PageBytes) - 1);

        block.Populate();

        Assert.Equal(bytes / PageBytes, ResidentPages(block.Pointer, bytes));
        Assert.Equal(7, block.Pointer[page * PageBytes]);
        Assert.Equal(0, block.Pointer[bytes - 1]);
    }

    /// <summary>Memory that the C library had from elsewhere in the process may be there already: it reads as zeroes then, as new.</summary>
    internal static unsafe void GiveBack(byte* start, long bytes) => Assert.Equal(0, Advise(start, (nuint)bytes, AdviseNotNeeded));

    /// <summary>Pages that have memory.</summary>
    internal static unsafe int ResidentPages(byte* start, long bytes)
    {
        byte[] pages = new byte[bytes / PageBytes];
        fixed (byte* first = pages)
            Assert.Equal(0, Resident(start, (nuint)(pages.Length * (long)PageBytes), first));
        return pages.Count(page => (page & 1) != 0);
    }

    /// <summary>madvise.</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(byte* start, nuint length, int advice);

    /// <summary>mincore.</summary>
    [LibraryImport("libc", EntryPoint = "mincore")]
    private static unsafe partial int Resident(byte* start, nuint length, byte* pages);
}
