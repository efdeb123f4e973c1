using Emulator.Cache;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.UnitTests.Cache;

public class PageIndexTests
{
    [Theory]
    [InlineData(1, 4, 8)]
    [InlineData(2, 64, 80)]
    [InlineData(3, 1000, 5000)]
    public void Pages_that_come_and_go_are_found_as_a_dictionary_finds_them(ulong seed, int lines, int pages)
    {
        var random = new SeededRandom(seed);
        using var index = new PageIndex(lines);
        var reference = new Dictionary<uint, int>();
        for (int step = 0; step < 50_000; step++)
        {
            // Pages in rows crowd the index most.
            uint page = (uint)random.Below(pages);
            if (reference.Remove(page))
            {
                index.Remove(new LogicalPage(page));
            }
            else if (reference.Count < lines)
            {
                reference[page] = random.Below(lines);
                index.Add(new LogicalPage(page), reference[page]);
            }

            page = (uint)random.Below(pages);
            Assert.Equal(reference.GetValueOrDefault(page, CacheLine.None), index.Find(new LogicalPage(page)));
        }

        for (uint page = 0; page < pages; page++)
            Assert.Equal(reference.GetValueOrDefault(page, CacheLine.None), index.Find(new LogicalPage(page)));
    }

    [Fact]
    public void Removing_a_page_that_is_not_there_is_a_firmware_fault()
    {
        using var index = new PageIndex(4);
        index.Add(new LogicalPage(1), 0);
        Assert.Throws<FirmwareFaultException>(() => index.Remove(new LogicalPage(2)));
    }
}
