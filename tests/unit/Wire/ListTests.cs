using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class ListTests
{
    [Fact]
    public void Controller_list_counts_what_is_appended()
    {
        byte[] list = new byte[ControllerList.Size];

        Assert.True(ControllerList.TryAppend(list, 0x0001));
        Assert.True(ControllerList.TryAppend(list, 0x0203));

        Assert.Equal("020001000302", Convert.ToHexString(list, 0, 6));
        Assert.Equal(2, ControllerList.Count(list));
        Assert.Equal(0x0203, ControllerList.Entry(list, 1));
        Assert.True(ControllerList.IsValid(list));
    }

    [Fact]
    public void Controller_list_takes_2047_identifiers_and_no_more()
    {
        byte[] list = new byte[ControllerList.Size];
        for (ushort id = 0; id < ControllerList.MaximumEntries; id++)
            Assert.True(ControllerList.TryAppend(list, id));

        Assert.False(ControllerList.TryAppend(list, 0xFFEF));
        Assert.Equal(2047, ControllerList.Count(list));
        Assert.True(ControllerList.IsValid(list));
    }

    [Theory]
    [InlineData("", "no count")]
    [InlineData("0100", "count beyond the buffer")]
    [InlineData("020002000100", "not ascending")]
    [InlineData("020001000100", "the same twice")]
    [InlineData("FFFF01000200", "count beyond the format")]
    public void Controller_list_from_a_host_is_refused_if_malformed(string hex, string why)
    {
        Assert.False(ControllerList.IsValid(Convert.FromHexString(hex)), why);
    }

    [Fact]
    public void Namespace_list_holds_its_entries_in_place()
    {
        byte[] list = new byte[NamespaceList.Size];
        NamespaceList.SetEntry(list, 0, 1);
        NamespaceList.SetEntry(list, NamespaceList.MaximumEntries - 1, 0xFFFFFFFE);

        Assert.Equal([0xFE, 0xFF, 0xFF, 0xFF], list[^4..]);
        Assert.Equal(1u, NamespaceList.Entry(list, 0));
    }

    [Theory]
    [InlineData(0x00, 0)]
    [InlineData(0x0F, 15)]
    [InlineData(0x10, 0)]
    [InlineData(0x20, 16)]
    [InlineData(0x6F, 63)]
    public void Format_index_joins_its_two_parts(byte flbas, int index)
    {
        var ns = new IdentifyNamespace { Flbas = flbas };
        var create = new NamespaceManagementData { Flbas = flbas };

        Assert.Equal(index, ns.FormatIndex);
        Assert.Equal(index, create.FormatIndex);
    }

    [Fact]
    public void Timestamp_keeps_48_bits()
    {
        Timestamp timestamp = default;
        timestamp.Tstmps = 0x02;
        timestamp.Milliseconds = 0xFFFF_0102_0304_0506;

        Assert.Equal(0x0102_0304_0506ul, timestamp.Milliseconds);
        Assert.Equal("0605040302010200", Convert.ToHexString(WireStruct.Bytes(ref timestamp)));
    }
}
