using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>What the drive says about itself, read with nvme-cli.</summary>
public sealed class IdentifyTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    private const int SupportStructureOffset = 3072;

    [Fact]
    public void Identify_controller_names_serial_subsystem_and_controller_identifier()
    {
        DriveProcess drive = StartDrive("--serial", "GUEST-TEST-7", "--controller-ids", "256-511");
        Connect(drive);

        JsonNode identify = CheckJson($"nvme id-ctrl {Controller}");

        Assert.Equal("GUEST-TEST-7", identify["sn"]!.GetValue<string>().TrimEnd());
        Assert.Equal(DriveProcess.Nqn, identify["subnqn"]!.GetValue<string>());
        Assert.InRange(identify["cntlid"]!.GetValue<int>(), 256, 511);
    }

    [Fact]
    public void Support_structure_of_the_vendor_commands_stands_at_byte_3072()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        byte[] identify = Guest.CheckBytes($"nvme id-ctrl {Controller} -b");

        ReadOnlySpan<byte> structure = identify.AsSpan(SupportStructureOffset, 64);
        Assert.Equal("VMAS", Encoding.ASCII.GetString(structure[..4]));
        Assert.Equal(0x0102, BinaryPrimitives.ReadUInt16LittleEndian(structure[4..]));
        Assert.Equal(64, BinaryPrimitives.ReadUInt16LittleEndian(structure[6..]));
        uint capabilities = BinaryPrimitives.ReadUInt32LittleEndian(structure[8..]);
        const uint SourceRole = 1 << 0, LifetimeRanges = 1 << 2, DirtyRanges = 1 << 3;
        Assert.Equal(
            SourceRole | LifetimeRanges | DirtyRanges,
            capabilities & (SourceRole | LifetimeRanges | DirtyRanges));
        Assert.Equal((0xD0, 0xD0), (structure[12], structure[13]));
        Assert.Equal(4096u, BinaryPrimitives.ReadUInt32LittleEndian(structure[16..]));
        Assert.True(structure[32..].IndexOfAnyExcept((byte)0) < 0, "reserved bytes are not zero");
    }

    [Fact]
    public void Human_readable_identify_shows_the_signature()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        Assert.Contains("VMAS", Guest.Check($"nvme id-ctrl {Controller} --vendor-specific"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvme supported-log-pages /dev/nvme0", "LID 0xd0 ", "LID 0xd3 ", "LID 0xd4 ")]
    [InlineData("nvme fid-support-effects-log /dev/nvme0", "FID d0 ")]
    public void Vendor_features_and_pages_are_announced(string command, params string[] announcements)
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        string answer = Guest.Check(command);

        Assert.All(announcements, text => Assert.Contains(text, answer, StringComparison.Ordinal));
    }
}
