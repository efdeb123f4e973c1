using System.Buffers.Binary;
using System.Text;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class FirmwareTests : IDisposable
{
    private const uint Store = 0;
    private const uint StoreAndActivateAtReset = 1;
    private const uint ActivateAtReset = 2;
    private const uint ActivateNow = 3;

    private readonly Drive _drive;
    private readonly TestHost _host;

    public FirmwareTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void An_image_in_two_pieces_is_active_after_the_next_reset()
    {
        byte[] image = Image("2.0");
        TestHost.AssertStatus(Status.Success, Download(image.AsSpan(512), 512));
        TestHost.AssertStatus(Status.Success, Download(image.AsSpan(0, 512), 0));
        TestHost.AssertStatus(Status.Success, Commit(StoreAndActivateAtReset, slot: 2));
        Assert.Equal(("1.0", 0x21), (Revision, Log03.Afi));
        FirmwareSlotInformation slots = Log03;
        Assert.Equal("2.0", TextField.ReadPadded(slots.Frs[1]));

        _host.ResetController();

        Assert.Equal(("2.0", 0x02), (Revision, Log03.Afi));
    }

    [Fact]
    public void An_image_can_be_activated_at_once_and_every_host_that_asked_hears_of_it()
    {
        _host.EnableEvents(AsyncEventNotices.FirmwareActivation);
        _host.RequestEvent();
        byte[] image = Image("3.1");
        Download(image, 0);
        TestHost.AssertStatus(Status.Success, Commit(ActivateNow, slot: 3));
        Assert.Equal("3.1", Revision);
        Assert.Equal([0x0003_0102u], _host.TakeEvents());
    }

    [Fact]
    public void An_image_that_needs_a_reset_says_so()
    {
        byte[] image = Image("4.0", flags: 1);
        Download(image, 0);
        TestHost.AssertStatus(Status.FirmwareNeedsControllerLevelReset, Commit(ActivateNow, slot: 2));
        Assert.Equal("1.0", Revision);
        TestHost.AssertStatus(Status.FirmwareNeedsControllerLevelReset, _host.Admin(AdminOpcode.Sanitize, cdw10: 2));
        _host.ResetController();
        Assert.Equal("4.0", Revision);
    }

    [Fact]
    public void The_factory_image_stays_and_can_be_activated_again()
    {
        byte[] image = Image("2.0");
        Download(image, 0);
        TestHost.AssertStatus(Status.InvalidFirmwareSlot, Commit(Store, slot: 1));
        Download(image, 0);
        TestHost.AssertStatus(Status.Success, Commit(ActivateNow, slot: 2));
        TestHost.AssertStatus(Status.Success, Commit(ActivateAtReset, slot: 1));
        _host.ResetController();
        Assert.Equal("1.0", Revision);
    }

    [Fact]
    public void Pieces_that_overlap_are_refused()
    {
        byte[] image = Image("2.0");
        Download(image.AsSpan(0, 512), 0);
        TestHost.AssertStatus(Status.OverlappingRange, Download(image.AsSpan(508, 512), 508));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(60)]
    [InlineData(1000)]
    public void An_image_with_a_changed_byte_is_invalid(int offset)
    {
        byte[] image = Image("2.0");
        image[offset] ^= 0x80;
        Download(image, 0);
        TestHost.AssertStatus(Status.InvalidFirmwareImage, Commit(Store, slot: 2));
    }

    [Fact]
    public void An_image_with_a_hole_none_at_all_and_one_that_a_reset_discarded_are_invalid()
    {
        TestHost.AssertStatus(Status.InvalidFirmwareImage, Commit(Store, slot: 2));
        TestHost.AssertStatus(Status.InvalidFirmwareImage, Commit(ActivateAtReset, slot: 3));
        byte[] image = Image("2.0");
        Download(image.AsSpan(0, 512), 0);
        TestHost.AssertStatus(Status.InvalidFirmwareImage, Commit(Store, slot: 2));
        Download(image, 0);
        _host.ResetController();
        TestHost.AssertStatus(Status.InvalidFirmwareImage, Commit(Store, slot: 2));
    }

    [Theory]
    [InlineData(4u << 3, 0x002)]
    [InlineData(6u << 3, 0x002)]
    [InlineData(1u << 6, 0x002)]
    [InlineData(1u << 31, 0x002)]
    [InlineData(4u, 0x106)]
    public void Actions_and_slots_that_are_not_there_are_refused(uint cdw10, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.Admin(AdminOpcode.FirmwareCommit, cdw10: cdw10));

    [Fact]
    public void A_download_by_another_controller_in_between_is_reported()
    {
        TestHost other = TestHost.Connect(_drive, _host.Clock, hostId: 2);
        byte[] image = Image("2.0");
        Download(image.AsSpan(0, 512), 0);
        byte[] rest = image[512..];
        CommandOutcome outcome = other.Admin(AdminOpcode.FirmwareImageDownload, rest, cdw10: 127, cdw11: 128);
        Assert.Equal(1u, outcome.Dw0);
    }

    private FirmwareSlotInformation Log03 => WireStruct.Read<FirmwareSlotInformation>(
        _host.GetLog(LogPageId.FirmwareSlotInformation, FirmwareSlotInformation.Size));

    private string Revision
    {
        get
        {
            IdentifyController id = _host.IdentifyController();
            return TextField.ReadPadded(id.Fr);
        }
    }

    private CommandOutcome Download(Span<byte> piece, uint offset) =>
        _host.Admin(AdminOpcode.FirmwareImageDownload, piece, cdw10: (uint)(piece.Length / 4) - 1, cdw11: offset / 4);

    private CommandOutcome Commit(uint action, uint slot) =>
        _host.Admin(AdminOpcode.FirmwareCommit, cdw10: (action << 3) | slot);

    private static byte[] Image(string revision, uint flags = 0)
    {
        byte[] image = new byte[1024];
        "EMUFWIMG"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(12), 1024);
        Encoding.ASCII.GetBytes(revision.PadRight(8)).CopyTo(image, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(24), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(60), Crc32C.Compute(image));
        return image;
    }
}
