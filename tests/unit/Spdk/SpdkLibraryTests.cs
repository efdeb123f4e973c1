using Emulator.Spdk.Interop;

namespace Emulator.UnitTests.Spdk;

public class SpdkLibraryTests
{
    [Theory]
    [InlineData("libspdk_nvmf.so.19.0: cannot open shared object file: No such file or directory", "another version of SPDK")]
    [InlineData("undefined symbol: spdk_bdev_open_ext, version libspdk_bdev.so.9", "another version of SPDK")]
    [InlineData("librte_eal.so.23: cannot open shared object file", "another version of SPDK")]
    [InlineData("Permission denied", "may not be read")]
    [InlineData("invalid ELF header", "cannot be loaded")]
    public void What_the_dynamic_linker_says_is_explained(string complaint, string explanation)
    {
        string text = SpdkLibrary.Explain("/opt/libemulator_spdk.so", complaint);

        Assert.StartsWith("/opt/libemulator_spdk.so", text, StringComparison.Ordinal);
        Assert.Contains(explanation, text);
        Assert.Contains(complaint, text);
    }

    [Fact]
    public void Another_version_of_the_interface_is_told_with_what_to_do()
    {
        Assert.Null(SpdkLibrary.VersionProblem(SpdkNative.AbiVersion, "x.so"));
        Assert.Equal(
            "x.so has version 7 of its interface and version 2 is needed: build it again from the same sources",
            SpdkLibrary.VersionProblem(7, "x.so"));
    }

    [Fact]
    public void A_library_that_is_missing_says_how_to_build_it()
    {
        Assert.Contains("cmake -S . -B artifacts/native", SpdkLibrary.Missing);
        Assert.Contains("EMULATOR_SPDK_LIBRARY", SpdkLibrary.Missing);
    }
}
