using System.Text.Json.Nodes;
using Emulator.Host;
using Emulator.Host.Commands;
using Emulator.UnitTests.Device;
using Emulator.UnitTests.Device.Transfers;
using Emulator.Wire;

namespace Emulator.UnitTests.Host;

/// <summary>emulator decode, with pages of a drive, and with what is none.</summary>
public sealed class DecodeCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly Emulator.Device.Drive _drive;
    private readonly TestHost _host;

    public DecodeCommandTests()
    {
        _host = TestHost.ConnectToNewDrive(out _drive);
        _host.Write(8, 4);
        _host.SetMigration(VmMigrationFlags.Active, threshold: 3);
        _host.Write(20, 2);
        TestHost.AssertStatus(Status.Success, VmMigrationLogTests.Deallocate(_host, 9, 1));
    }

    public void Dispose()
    {
        _drive.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_status_page_is_recognised_and_told_in_words()
    {
        JsonNode page = await DecodeJson(_host.GetLog(LogPageId.VmMigrationStatus, 4096));
        Assert.Equal("VM Migration Status", (string?)page["page"]);
        Assert.Equal("Brownout", (string?)page["phase"]);
        Assert.Equal((true, "source", true), ((bool)page["active"]!, (string?)page["role"], (bool)page["thresholdExceeded"]!));
        Assert.Equal((6, 3, 1), ((int)page["granulesWritten"]!, (int)page["granulesDirty"]!, (int)page["round"]!));
        Assert.NotNull(page["pagesErased"]);
        Assert.Null((await DecodeJson(_host.GetLog(LogPageId.VmMigrationStatus, 64)))["pagesErased"]);
    }

    [Theory]
    [InlineData(LogPageId.VmDirtyRanges)]
    [InlineData(LogPageId.VmWrittenRanges)]
    public async Task A_range_list_is_recognised_and_has_a_row_for_each_range(LogPageId logPage)
    {
        JsonNode page = await DecodeJson(_host.GetLog(logPage, 4096));
        JsonArray entries = page["entries"]!.AsArray();
        Assert.Equal((int)page["ranges"]!, entries.Count);
        Assert.Contains(entries, entry => (int)entry!["firstBlock"]! == 9 && (bool)entry["readsAsZero"]!);
        Assert.Contains(entries, entry => (int)entry!["firstBlock"]! == 20 && (int)entry["blocks"]! == 2);
        Assert.Null(page["remarks"]);
        JsonNode part = await DecodeJson(_host.GetLog(logPage, 96));
        Assert.Contains("not in the data", (string?)part["remarks"]![0]);
    }

    [Fact]
    public async Task A_list_of_snapshots_is_recognised_and_has_a_row_for_each()
    {
        Assert.Equal(ulong.MaxValue, (ulong)(await DecodeJson(_host.GetLog(LogPageId.Snapshots, 64)))["bytesLeft"]!);
        ushort id = _host.CreateSnapshot();
        _host.Write(8, 4);
        JsonNode page = await DecodeJson(_host.GetLog(LogPageId.Snapshots, 4096));
        Assert.Equal("Snapshots", (string?)page["page"]);
        JsonNode entry = Assert.Single(page["entries"]!.AsArray())!;
        Assert.Equal((id, 1, 4096), ((int)entry["id"]!, (int)entry["nsid"]!, (int)entry["blockBytes"]!));
        Assert.False((bool)entry["otherFormat"]!);
        JsonNode part = await DecodeJson(_host.GetLog(LogPageId.Snapshots, 64));
        Assert.Contains("not in the data", (string?)part["remarks"]![0]);
    }

    [Theory]
    [InlineData(LogPageId.VmStorageState, "VM Storage State")]
    [InlineData(LogPageId.VmDirtyState, "VM Dirty State")]
    public async Task A_storage_state_is_recognised_and_has_a_row_for_each_attribute(LogPageId logPage, string title)
    {
        byte[] bytes = _host.ReadStateBytes(logPage);
        JsonNode page = await DecodeJson([.. bytes, .. new byte[512]]);
        Assert.Equal(title, (string?)page["page"]);
        JsonArray attributes = page["attributes"]!.AsArray();
        Assert.Equal(StateHost.Parse(bytes).Attributes.Count, attributes.Count);
        Assert.Contains(attributes, attribute => (string?)attribute!["attribute"] == "Written"
            && attribute["value"]!.AsArray().Any(run => (int)run!["first"]! == 20 && (int)run["count"]! == 2));
        Assert.All(attributes, attribute => Assert.NotNull(attribute!["value"]));
    }

    [Fact]
    public async Task Progress_of_a_transfer_is_recognised_and_told_in_words()
    {
        using var rig = new TransferRig();
        rig.Vm.Write(4, 8);
        rig.Activate();
        rig.Start(rig.Request(DirectTransferMode.WrittenRanges));
        rig.RunUntil(DirectTransferPhase.Converged);
        DirectTransferProgress progress = rig.Progress;
        JsonNode page = await DecodeJson(WireStruct.Bytes(ref progress).ToArray());
        Assert.Equal("Direct Transfer Progress", (string?)page["page"]);
        Assert.Equal(("Converged", "WrittenRanges", "None"), ((string?)page["phase"], (string?)page["mode"], (string?)page["reason"]));
        Assert.True((bool)page["connected"]! && !(bool)page["paused"]!);
        Assert.Equal(8 * TransferRig.BlockBytes, (int)page["bytesSent"]!);
        Assert.Equal("None", (string?)(await DecodeJson(new byte[256], "--log d8"))["phase"]);
    }

    [Fact]
    public async Task Checksums_have_to_be_named()
    {
        byte[] page = new byte[64 + 64];
        WireStruct.Write(page, new RangeListHeader { Version = 1, Ranges = 2, EntrySize = 32, Granule = 4096 });
        page[64] = 0xAB;
        JsonArray sums = (await DecodeJson(page, "--log 0xd5"))["checksums"]!.AsArray();
        Assert.StartsWith("ab00", (string?)sums[0]!["sha256"]);
        Assert.Equal("nothing allocated", (string?)sums[1]!["sha256"]);
    }

    [Theory]
    [InlineData("", "", "there is nothing to decode")]
    [InlineData("0000000000000000", "", "these are 8 zeroes")]
    [InlineData("3031303a20303020", "", "this is text; nvme get-log prints the bytes of a page with -b")]
    [InlineData("ff01020304", "", "5 bytes that are no page of the vendor command set; say which with --log (D0, ")]
    [InlineData("564d5353", "", "this is no whole state container: 4 bytes are less than a header")]
    [InlineData("ff01020304", "--log d3", "a range list has 64 bytes at least, these are 5")]
    [InlineData("ff01020304", "--log D0h", "a status page has 64 bytes at least, these are 5")]
    [InlineData("ff01020304", "--log 02", "'02' is no log page that can be decoded; there are D0, ")]
    [InlineData("ff01020304", "--log x", "'x' is no log page that can be decoded; there are D0, ")]
    public async Task What_is_no_page_is_told_in_one_line(string hex, string options, string message)
    {
        await File.WriteAllBytesAsync(_file, Convert.FromHexString(hex));
        using var errors = new StringWriter();
        int exitCode = await EmulatorCommand.RunAsync(
            $"decode {_file} {options}".Split(' ', StringSplitOptions.RemoveEmptyEntries), errors);
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors.ToString());
        Assert.Single(errors.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        using var errors = new StringWriter();
        Assert.Equal(ExitCode.UserError, await EmulatorCommand.RunAsync(["decode", "no/such/page"], errors));
        Assert.StartsWith("emulator: no/such/page cannot be read: ", errors.ToString());
    }

    [Fact]
    public async Task Tables_are_for_people()
    {
        await File.WriteAllBytesAsync(_file, _host.GetLog(LogPageId.VmMigrationStatus, 4096));
        using var process = new EmulatorProcess($"decode {_file}");
        (int exitCode, string output, string errors) = await process.End();
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("granules dirty", output);
        Assert.Contains("Brownout", output);
    }

    private async Task<JsonNode> DecodeJson(byte[] bytes, string options = "")
    {
        await File.WriteAllBytesAsync(_file, bytes);
        using var process = new EmulatorProcess($"decode {_file} --json {options}");
        (int exitCode, string output, string errors) = await process.End();
        Assert.True(exitCode == 0, errors);
        return JsonNode.Parse(output)!;
    }
}
