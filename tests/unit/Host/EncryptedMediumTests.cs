using Emulator.Host;

namespace Emulator.UnitTests.Host;

/// <summary>The program with a medium whose first namespace is compressed and encrypted.</summary>
public sealed class EncryptedMediumTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    public EncryptedMediumTests()
    {
        File.WriteAllText(PathOf("right"), "a secret of the tests\n");
        File.WriteAllText(PathOf("wrong"), "another secret of the tests\n");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Another_secret_is_one_line_and_exit_code_2_and_inspect_names_the_key()
    {
        using (var first = new EmulatorProcess(Serve("right")))
        {
            await first.ReadUntilReady();
            first.Signal("TERM");
            Assert.Equal(ExitCode.Success, (await first.End()).ExitCode);
        }

        using var second = new EmulatorProcess(Serve("wrong"));
        (int exitCode, _, string errors) = await second.End();
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.Matches(
            @"^emulator: namespace 1 of \S+disk\.img is encrypted with key [0-9a-f]{32}, the configured 'secret' gives key [0-9a-f]{32}; "
            + "configure the secret that it was written with, or have the medium formatted anew with --format-medium\n$",
            errors);

        using var inspect = new EmulatorProcess($"inspect {PathOf("disk.img")} --json --verify");
        (exitCode, string report, _) = await inspect.End();
        Assert.Equal(ExitCode.Success, exitCode);
        string key = errors.Split("with key ")[1][..32];
        Assert.Contains($"\"keyIdentifier\": \"{key}\"", report, StringComparison.Ordinal);
        Assert.Contains("\"compression\": \"lz4\"", report, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private string Serve(string secret)
    {
        string config = PathOf("config.json");
        File.WriteAllText(config, $$"""
            { "drives": [{ "size": "16MiB", "medium": "{{PathOf("disk.img")}}", "secret": { "file": "{{PathOf(secret)}}" },
                           "namespaces": [{ "compression": "lz4", "encryption": true }] }],
              "listeners": [{ "port": 0 }], "log": { "file": "none" } }
            """);
        return $"serve --config {config}";
    }
}
