using Emulator.Spdk.Interop;

namespace Emulator.UnitTests.Spdk;

public class LayoutTableTests
{
    [Fact]
    public void A_table_that_agrees_has_no_problem() => Assert.Null(LayoutTable.Problem(LayoutTable.Expected));

    /// <summary>Sizes and offsets from emulator_spdk.h, counted by hand for 64-bit pointers.</summary>
    [Theory]
    [InlineData("emu_app_options", 80)]
    [InlineData("emu_app_options.config", 32)]
    [InlineData("emu_app_options.no_huge_pages", 72)]
    [InlineData("emu_command", 32)]
    [InlineData("emu_command.length", 16)]
    [InlineData("emu_command.request", 24)]
    [InlineData("emu_outcome", 16)]
    [InlineData("emu_outcome.status", 8)]
    [InlineData("emu_outcome.pending", 10)]
    [InlineData("emu_device", 56)]
    [InlineData("emu_device.submit_fused", 40)]
    [InlineData("emu_namespace_options", 56)]
    [InlineData("emu_namespace_options.uuid", 40)]
    [InlineData("emu_target_options.device", 48)]
    [InlineData("emu_controller_settings.max_transfer_bytes", 28)]
    public void The_structures_are_those_of_the_header(string name, uint value) =>
        Assert.Equal(value, LayoutTable.Expected[name]);

    [Fact]
    public void A_field_that_the_library_does_not_know_is_named()
    {
        Dictionary<string, uint> library = new(LayoutTable.Expected);
        library.Remove("emu_command.length");

        Assert.Equal("the library does not know emu_command.length", LayoutTable.Problem(library));
    }

    [Fact]
    public void A_field_that_is_elsewhere_is_named_with_both_places()
    {
        Dictionary<string, uint> library = new(LayoutTable.Expected) { ["emu_outcome.status"] = 4 };

        Assert.Equal("emu_outcome.status is 4 in the library and 8 here", LayoutTable.Problem(library));
    }

    [SkippableFact]
    public void The_library_that_was_built_has_the_same_table_and_no_more()
    {
        Skip.If(SpdkLibrary.Problem != null, SpdkLibrary.Problem);

        Assert.Equal(LayoutTable.Expected.OrderBy(entry => entry.Key), LayoutTable.Read().OrderBy(entry => entry.Key));
    }
}
