using Emulator.Host;
using Emulator.Host.Commands;

namespace Emulator.UnitTests.Host;

public class EmulatorCommandTests
{
    [Theory]
    [InlineData("", "Required command was not provided; see emulator --help")]
    [InlineData("sreve", "'sreve' is not known; did you mean 'serve'?")]
    [InlineData("frobnicate", "'frobnicate' is not known; see emulator --help")]
    [InlineData("serve --sise 1GiB", "'--sise' is not known; did you mean '--size'?")]
    [InlineData("serve 127.0.0.1:4420", "'127.0.0.1:4420' is not known; see emulator --help")]
    [InlineData("serve --size", "Required argument missing for option: '--size'; see emulator --help")]
    [InlineData("serve --size 1 --size 2",
        "Option '--size' expects a single argument but 2 were provided; see emulator --help")]
    [InlineData("serve --size 1GB",
        "--size: '1GB' has the unknown unit 'GB'; units are KiB, MiB, GiB and TiB; see emulator --help")]
    [InlineData("serve --listen 127.0.0.1",
        "--listen: '127.0.0.1' is not an address and port such as 127.0.0.1:4420 or [::1]:4420; see emulator --help")]
    [InlineData("serve --controller-ids 5",
        "--controller-ids: '5' is not a range FIRST-LAST such as 1-255; see emulator --help")]
    [InlineData("serve --config no/such.json", "no/such.json: no such file")]
    [InlineData("serve --config /", "/: ")]
    [InlineData("serve --size 1000", "size 1000 must be a multiple of 1 MiB, at least 1 MiB")]
    [InlineData("serve --block-size 520", "namespace block size 520 must be 512 or 4096")]
    [InlineData("serve --controller-ids 9-1", "controller identifiers 9-1 are not a range from 1 upwards")]
    [InlineData("serve --log-file /dev/null/log", "cannot write the log file /dev/null/log: ")]
    [InlineData("migrate --vm 1 --vm-there 256 --from 127.0.0.1:1 --to 127.0.0.1:2 --through air",
        "--through: 'air' is none of drive, host; see emulator --help")]
    [InlineData("migrate --vm 1 --vm-there 256 --from 127.0.0.1:1 --to 127.0.0.1:2 --through host --scheme lr",
        "--scheme takes a drive that moves the data by itself, not --through host")]
    [InlineData("migrate --vm 1 --vm-there 256 --from 127.0.0.1:1 --to 127.0.0.1:2 --through host --form stored",
        "--through host goes with neither --form stored nor --mode checksums")]
    [InlineData("migrate --vm 1 --vm-there 256 --from 127.0.0.1:1 --to 127.0.0.1:2 --through host --transfer-to 127.0.0.1:3",
        "--transfer-to is for a drive that moves the data by itself, not --through host")]
    [InlineData("migrate --vm 1 --vm-there 256 --from 127.0.0.1:1 --to 127.0.0.1:2 --chunk 96KiB",
        "--chunk: must be a power of two from 4KiB to 1MiB")]
    public async Task A_mistake_is_told_in_one_line_and_ends_with_exit_code_2(string arguments, string message)
    {
        using var errors = new StringWriter();

        int exitCode = await EmulatorCommand.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), errors);

        Assert.Equal(ExitCode.UserError, exitCode);
        string line = errors.ToString();
        Assert.StartsWith("emulator: " + message, line, StringComparison.Ordinal);
        Assert.Equal(line.Length - 1, line.IndexOf('\n'));
    }
}
