using Emulator.Device;
using Emulator.Host;
using Emulator.Host.Commands;
using Emulator.Host.Configuration;
using Serilog.Events;

namespace Emulator.UnitTests.Host;

public class ServeOptionsTests
{
    private const string File = """
        {
          "drives": [{
            "subsystem": "nqn.2026-11.io.emulator:file", "serial": "FILE", "size": "2GiB", "controllerIds": "16-31",
            "namespaces": [{ "blockSize": 512, "hosts": ["nqn.2026-11.io.emulator:h"] }]
          }],
          "listeners": [{ "address": "127.0.0.2" }, { "address": "127.0.0.3" }],
          "discovery": { "port": 9 },
          "log": { "level": "debug", "console": false, "file": "file.log" }
        }
        """;

    [Fact]
    public void No_options_leave_the_file_as_it_is()
    {
        EmulatorSettings file = SettingsFile.Parse("config.json", File);

        Assert.Equal(file, Parse("").Over(file));
    }

    [Theory]
    [InlineData("--subsystem nqn.2026-11.io.emulator:option")]
    [InlineData("--serial OPTION")]
    [InlineData("--size 4GiB")]
    [InlineData("--controller-ids 1-2")]
    [InlineData("--block-size 4096")]
    [InlineData("--profile qlc")]
    [InlineData("--profile qlc --timing none")]
    public void Options_win_over_the_file_and_the_rest_of_it_remains(string arguments)
    {
        DriveSettings file = SettingsFile.Parse("config.json", File).Drives[0];

        DriveSettings drive = Parse(arguments).Over(SettingsFile.Parse("config.json", File)).Drives[0];

        string value = arguments.Split(' ')[1];
        Assert.Equal(arguments.StartsWith("--su") ? value : file.Subsystem, drive.Subsystem);
        Assert.Equal(arguments.StartsWith("--se") ? value : file.Serial, drive.Serial);
        Assert.Equal(arguments.StartsWith("--si") ? ByteSize.Parse(value) : file.Size, drive.Size);
        Assert.Equal(arguments.StartsWith("--co") ? ControllerIdRange.Parse(value) : file.ControllerIds, drive.ControllerIds);
        Assert.Equal(arguments.StartsWith("--bl") ? 4096 : 512, drive.Namespaces[0].BlockSize);
        Assert.Equal(arguments.StartsWith("--pr") ? value : null, drive.Profile?.Name);
        Assert.Equal(arguments.EndsWith("--timing none") ? DriveTiming.None : null, drive.Timing);
        Assert.Equal(file.Namespaces[0].Hosts, drive.Namespaces[0].Hosts);
    }

    [Fact]
    public void Managers_of_the_command_line_replace_those_of_the_file_and_standby_is_added()
    {
        const string Text = """{ "drives": [{ "managers": ["nqn.2026-11.io.emulator:one"] }] }""";

        DriveSettings same = Parse("").Over(SettingsFile.Parse("config.json", Text)).Drives[0];
        DriveSettings drive = Parse("--manager nqn.2026-11.io.emulator:two --standby")
            .Over(SettingsFile.Parse("config.json", Text)).Drives[0];

        Assert.Equal(("nqn.2026-11.io.emulator:one", false), (same.Managers.Single(), same.Standby));
        Assert.Equal(("nqn.2026-11.io.emulator:two", true), (drive.Managers.Single(), drive.Standby));
        Assert.True(drive.ToOptions().IsStandby);
    }

    [Theory]
    [InlineData("", "{}", false)]
    [InlineData("--preallocate", "{}", true)]
    [InlineData("--serial A", """{ "drives": [{ "preallocate": true }] }""", true)]
    public void A_drive_is_preallocated_where_the_file_or_the_command_line_says_so(string arguments, string file, bool expected)
    {
        DriveSettings drive = Parse(arguments).Over(SettingsFile.Parse("config.json", file)).Drives[0];

        Assert.Equal(expected, drive.ToOptions().IsPreallocated);
    }

    [Fact]
    public void Addresses_of_the_command_line_replace_those_of_the_file()
    {
        EmulatorSettings settings = Parse("--listen [::1]:4420 --listen 127.0.0.1:4421 --discovery 127.0.0.1:8009")
            .Over(SettingsFile.Parse("config.json", File));

        Assert.Equal(["::1 4420", "127.0.0.1 4421"], settings.Listeners.Select(l => $"{l.Address} {l.Port}"));
        Assert.Equal(8009, settings.Discovery!.Port);
    }

    [Fact]
    public void Log_options_replace_theirs_and_leave_the_rest()
    {
        LogSettings log = Parse("--log-level error --log-file none").Over(SettingsFile.Parse("config.json", File)).Log;

        Assert.Equal(new LogSettings { Level = LogEventLevel.Error, Console = false, File = "none" }, log);
    }

    [Fact]
    public void Options_about_one_drive_do_not_fit_a_file_with_two()
    {
        EmulatorSettings file = SettingsFile.Parse("config.json", """{ "drives": [{}, { "serial": "B" }] }""");

        string message = Assert.Throws<UserErrorException>(
            () => Parse("--config dir/config.json --serial C").Over(file)).Message;

        Assert.Equal(
            "--subsystem, --serial, --size, --block-size, --controller-ids, --manager, --standby, --preallocate, --profile, --timing and --medium are about one drive, "
            + "but dir/config.json has 2",
            message);
    }

    private static ServeOptions Parse(string arguments) =>
        ServeCommand.OptionsOf(EmulatorCommand.Create().Parse("serve " + arguments));
}
