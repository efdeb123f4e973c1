using System.Text;
using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class VendorTests
{
    [Fact]
    public void Signatures_read_as_ASCII_on_the_wire()
    {
        byte[] bytes = new byte[8];
        WireStruct.Write(bytes, (U32Le)VmasSupport.SignatureValue);
        WireStruct.Write(bytes.AsSpan(4), (U32Le)StateContainerHeader.MagicValue);

        Assert.Equal("VMASVMSS", Encoding.ASCII.GetString(bytes));
    }

    [Fact]
    public void Uuid_of_the_command_set_is_the_documented_one_and_a_random_UUID()
    {
        Assert.Equal(
            new Guid("6f0a4b7e-93d1-4c58-b2a6-1e8dc07f5a39"), new Guid(VendorCommandSet.Uuid, bigEndian: true));
        Assert.Equal(0x40, VendorCommandSet.Uuid[6] & 0xF0);
        Assert.Equal(0x80, VendorCommandSet.Uuid[8] & 0xC0);
    }

    // The bits of Set Features D0h as the vendor command set numbers them.
    [Theory]
    [InlineData(0, VmMigrationFlags.Active)]
    [InlineData(1, VmMigrationFlags.Destination)]
    [InlineData(2, VmMigrationFlags.Halted)]
    [InlineData(3, VmMigrationFlags.Completed)]
    [InlineData(4, VmMigrationFlags.ClearWritten)]
    [InlineData(5, VmMigrationFlags.Erase)]
    [InlineData(8, VmMigrationFlags.NoPrefetch)]
    [InlineData(9, VmMigrationFlags.NoRetention)]
    [InlineData(10, VmMigrationFlags.NoPriority)]
    public void Flag_of_feature_D0h_has_its_bit(int bit, VmMigrationFlags flag) => Assert.Equal(1u << bit, (uint)flag);

    [Fact]
    public void What_Get_Features_reports_has_the_bits_of_what_only_Set_Features_takes()
    {
        Assert.Equal(1u << 4, (uint)VmMigrationFlags.ThresholdExceeded);
        Assert.Equal(1u << 5, (uint)VmMigrationFlags.Ready);
    }

    [Fact]
    public void Set_mask_of_feature_D0h_leaves_the_reserved_bits() =>
        Assert.Equal(0x073Fu, (uint)VmMigrationFlags.SetMask);
}
