using Emulator.Spdk;

namespace Emulator.UnitTests.Spdk;

public class SpdkPreflightTests
{
    private static readonly HashSet<int> TwoCores = [0, 1];

    [Theory]
    [InlineData("0x1", new[] { 0 })]
    [InlineData("3", new[] { 0, 1 })]
    [InlineData("0xF0", new[] { 4, 5, 6, 7 })]
    [InlineData("0x100000000", new[] { 32 })]
    [InlineData("[0]", new[] { 0 })]
    [InlineData("[0,2-4]", new[] { 0, 2, 3, 4 })]
    public void Cores_are_a_mask_or_a_list(string text, int[] cores) =>
        Assert.Equal(cores, SpdkPreflight.TryParseCores(text)!.Order());

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x0")]
    [InlineData("zero")]
    [InlineData("[]")]
    [InlineData("[2-1]")]
    [InlineData("[-1]")]
    [InlineData("[0,]")]
    [InlineData("[9999]")]
    public void A_mask_of_no_core_is_refused_with_an_example(string text)
    {
        string? problem = SpdkPreflight.Problem(new SpdkOptions { CoreMask = text }, TwoCores, 0);

        Assert.Contains($"'{text}' names no core", problem);
        Assert.Contains("0x1", problem);
    }

    [Fact]
    public void A_core_that_the_process_does_not_have_is_named_beside_those_that_it_has() =>
        Assert.Equal(
            "core mask '0x6' names core 2, which this process cannot run on; it has 0, 1",
            SpdkPreflight.Problem(new SpdkOptions { CoreMask = "0x6" }, TwoCores, 0));

    [Fact]
    public void Too_few_huge_pages_are_told_with_the_command_that_reserves_them()
    {
        string? problem = SpdkPreflight.Problem(
            new SpdkOptions { UseHugePages = true, MemoryMib = 1024 }, TwoCores, freeHugeMib: 100);

        Assert.Contains("1024 MiB in huge pages, and 100 MiB are free", problem);
        Assert.Contains("sysctl vm.nr_hugepages=512", problem);
    }

    [Fact]
    public void RDMA_without_a_device_is_told_with_the_ways_out()
    {
        SpdkListener[] listeners = [new(SpdkTransport.Tcp, "127.0.0.1", 4420), new(SpdkTransport.Rdma, "127.0.0.1", 4421)];

        string? problem = SpdkPreflight.Problem(listeners, hasRdmaDevice: false);

        Assert.Contains("no RDMA device", problem);
        Assert.Contains("rdma_rxe", problem);
        Assert.Null(SpdkPreflight.Problem(listeners, hasRdmaDevice: true));
        Assert.Null(SpdkPreflight.Problem(listeners[..1], hasRdmaDevice: false));
    }

    [Theory]
    [InlineData(SpdkTransport.Rdma, "--with-rdma")]
    [InlineData(SpdkTransport.VfioUser, "--with-vfio-user")]
    public void A_transport_that_SPDK_was_built_without_is_told_with_the_option_that_brings_it(SpdkTransport transport, string option)
    {
        SpdkListener[] listeners = [new(SpdkTransport.Tcp, "127.0.0.1", 4420), new(transport, "/run/drive", 0)];

        Assert.Contains(option, SpdkPreflight.Explain(-93, listeners));
        Assert.Null(SpdkPreflight.Explain(-5, listeners));
        Assert.Null(SpdkPreflight.Explain(0, listeners));
    }

    [Fact]
    public void Ordinary_memory_needs_no_huge_page() =>
        Assert.Null(SpdkPreflight.Problem(new SpdkOptions(), TwoCores, 0));

    [Fact]
    public void Memory_that_does_not_hold_the_buffers_is_refused() =>
        Assert.Contains("at least 256 MiB", SpdkPreflight.Problem(new SpdkOptions { MemoryMib = 255 }, TwoCores, 0));
}
