using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Emulator.GuestTests.Decoding;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>The vendor commands as a hypervisor's script gives them: nvme-cli, and nothing of our own.</summary>
public abstract partial class MigrationTest : GuestTest
{
    private protected const int DirtyPage = 0xD3;
    private protected const int WrittenPage = 0xD4;
    private protected const int Advance = 1;
    private protected const int Undo = 2;

    private protected MigrationTest(GuestFixture fixture, ITestOutputHelper output)
        : base(fixture, output)
    {
    }

    private protected void SetMigration(int bits, string options = "") =>
        Guest.Check($"nvme set-feature {Controller} -f 0xd0 -V {bits} {options}");

    /// <summary>The value of the feature VM Migration, as nvme-cli shows it.</summary>
    private protected uint GetMigration()
    {
        string answer = Guest.Check($"nvme get-feature {Controller} -f 0xd0");
        Match match = CurrentValue().Match(answer);
        Assert.True(match.Success, answer);
        return uint.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Reads a range list as a client does that does not know its length: the first 4 KiB, which latch the page and
    /// carry the action, and then from the latched copy what its header says that there is more.
    /// </summary>
    private protected RangeList ReadRanges(int page, int actions = 0)
    {
        const int FirstRead = 4096;
        byte[] first = Guest.CheckBytes($"nvme get-log {Controller} -i {page} -l {FirstRead} -s {actions} -b");
        long length = RangeList.LengthOf(first);
        if (length <= FirstRead) return RangeList.Decode(first);

        string rest = $"nvme get-log {Controller} -i {page} -L {FirstRead} -l {length - FirstRead} -b";
        return RangeList.Decode([.. first, .. Guest.CheckBytes(rest)]);
    }

    private protected MigrationStatus ReadStatus() =>
        MigrationStatus.Decode(Guest.CheckBytes($"nvme get-log {Controller} -i 0xd0 -l 64 -b"));

    /// <summary>A page as emulator decode tells it.</summary>
    private protected static JsonNode Decode(byte[] page, params string[] options)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, page);
            var decoder = new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "emulator.dll"), "decode", file, "--json", .. options])
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(decoder)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return JsonNode.Parse(output)!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"Current value:\s*0x([0-9a-f]+)", RegexOptions.IgnoreCase)]
    private static partial Regex CurrentValue();
}
