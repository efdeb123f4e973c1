using System.Diagnostics;
using Emulator.UnitTests.Architecture;

namespace Emulator.UnitTests.Tools;

/// <summary>How the scripts of tools/ build (tools/lib.sh), with a program in place of dotnet that leaves a server behind.</summary>
public sealed class BuildLockTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        case $1 in
            --list-sdks) echo '10.0.100 [here]' ;;
            *) sleep 20 & ;;
        esac
        """;

    private const string Script = """
        chmod +x bin/dotnet
        . tools/lib.sh
        build something 'build Something' src
        flock --nonblock artifacts/.build-lock true
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("emulator-build-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_server_that_stays_after_a_build_does_not_keep_the_lock()
    {
        foreach (string directory in new[] { "tools", "src", "bin" })
            _root.CreateSubdirectory(directory);
        File.Copy(Path.Combine(SourceTree.Root, "tools", "lib.sh"), Path.Combine(_root.FullName, "tools", "lib.sh"));
        File.WriteAllText(Path.Combine(_root.FullName, "bin", "dotnet"), Dotnet);

        var start = new ProcessStartInfo("bash", ["-c", Script]) { WorkingDirectory = _root.FullName };
        start.Environment["PATH"] = $"{_root.FullName}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        using Process bash = Process.Start(start)!;
        bash.WaitForExit();

        Assert.Equal(0, bash.ExitCode);
    }
}
