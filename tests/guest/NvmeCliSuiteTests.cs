using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>
/// nvme-cli's own end-to-end tests, release 2.13 as Debian packages it, each on a drive of its own: they delete every
/// namespace first.
/// </summary>
public sealed class NvmeCliSuiteTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("nvme_attach_detach_ns_test")]
    [InlineData("nvme_compare_test")]
    [InlineData("nvme_copy_test")]
    [InlineData("nvme_create_max_ns_test")]
    [InlineData("nvme_ctrl_reset_test")]
    [InlineData("nvme_dsm_test")]
    [InlineData("nvme_error_log_test")]
    [InlineData("nvme_flush_test")]
    [InlineData("nvme_format_test")]
    [InlineData("nvme_fw_log_test")]
    [InlineData("nvme_get_features_test")]
    [InlineData("nvme_id_ctrl_test")]
    [InlineData("nvme_id_ns_test")]
    [InlineData("nvme_read_write_test")]
    [InlineData("nvme_smart_log_test")]
    [InlineData("nvme_verify_test")]
    [InlineData("nvme_writeuncor_test")]
    [InlineData("nvme_writezeros_test")]
    public void Test_of_nvme_cli_passes(string module)
    {
        GuestResult result = RunModule(module);

        Assert.True(result.ExitCode == 0 && Ends(result, "OK"), result.ToString());
    }

    // These two pass a block device where nvme-cli takes a number, and so fail on every drive that has Get LBA Status
    // in OACS; without that bit they skip themselves.
    [Theory]
    [InlineData("nvme_get_lba_status_test")]
    [InlineData("nvme_lba_status_log_test")]
    public void Test_of_nvme_cli_skips_itself(string module)
    {
        GuestResult result = RunModule(module);

        Assert.True(result.ExitCode == 0 && Ends(result, "OK (skipped=1)"), result.ToString());
    }

    private GuestResult RunModule(string module)
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        return Guest.Run($"cd /usr/share/nvme-cli-tests && nose2-3 --verbose --start-dir tests {module}", Patience);
    }

    private static bool Ends(GuestResult result, string verdict) =>
        result.Error.Contains("Ran 1 test", StringComparison.Ordinal)
        && result.Error.TrimEnd().EndsWith($"\n{verdict}", StringComparison.Ordinal);
}
