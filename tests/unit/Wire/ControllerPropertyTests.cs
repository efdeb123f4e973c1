using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class ControllerPropertyTests
{
    // One bit pattern for each field of CAP, by the bits that Base 2.1, 3.1.4.1 gives it.
    public static TheoryData<ulong, string> CapabilityFields => new()
    {
        { Mask(15, 0), nameof(ControllerCapabilities.Mqes) },
        { Mask(16, 16), nameof(ControllerCapabilities.Cqr) },
        { Mask(18, 17), nameof(ControllerCapabilities.Ams) },
        { Mask(31, 24), nameof(ControllerCapabilities.To) },
        { Mask(35, 32), nameof(ControllerCapabilities.Dstrd) },
        { Mask(36, 36), nameof(ControllerCapabilities.Nssrs) },
        { Mask(44, 37), nameof(ControllerCapabilities.Css) },
        { Mask(45, 45), nameof(ControllerCapabilities.Bps) },
        { Mask(47, 46), nameof(ControllerCapabilities.Cps) },
        { Mask(51, 48), nameof(ControllerCapabilities.Mpsmin) },
        { Mask(55, 52), nameof(ControllerCapabilities.Mpsmax) },
        { Mask(56, 56), nameof(ControllerCapabilities.Pmrs) },
        { Mask(57, 57), nameof(ControllerCapabilities.Cmbs) },
        { Mask(58, 58), nameof(ControllerCapabilities.Nsss) },
        { Mask(60, 59), nameof(ControllerCapabilities.Crms) },
        { Mask(61, 61), nameof(ControllerCapabilities.Nsses) },
    };

    public static TheoryData<ulong, string> ConfigurationFields => new()
    {
        { Mask(0, 0), nameof(ControllerConfiguration.En) },
        { Mask(6, 4), nameof(ControllerConfiguration.Css) },
        { Mask(10, 7), nameof(ControllerConfiguration.Mps) },
        { Mask(13, 11), nameof(ControllerConfiguration.Ams) },
        { Mask(15, 14), nameof(ControllerConfiguration.Shn) },
        { Mask(19, 16), nameof(ControllerConfiguration.Iosqes) },
        { Mask(23, 20), nameof(ControllerConfiguration.Iocqes) },
        { Mask(24, 24), nameof(ControllerConfiguration.Crime) },
    };

    public static TheoryData<ulong, string> StatusFields => new()
    {
        { Mask(0, 0), nameof(ControllerStatus.Rdy) },
        { Mask(1, 1), nameof(ControllerStatus.Cfs) },
        { Mask(3, 2), nameof(ControllerStatus.Shst) },
        { Mask(4, 4), nameof(ControllerStatus.Nssro) },
        { Mask(5, 5), nameof(ControllerStatus.Pp) },
        { Mask(6, 6), nameof(ControllerStatus.St) },
    };

    [Theory]
    [MemberData(nameof(CapabilityFields))]
    public void Field_of_CAP_has_its_bits(ulong mask, string field) =>
        HoldsBits(mask, field, new ControllerCapabilities(ulong.MaxValue), new ControllerCapabilities(0));

    [Theory]
    [MemberData(nameof(ConfigurationFields))]
    public void Field_of_CC_has_its_bits(ulong mask, string field) =>
        HoldsBits(mask, field, new ControllerConfiguration(uint.MaxValue), new ControllerConfiguration(0));

    [Theory]
    [MemberData(nameof(StatusFields))]
    public void Field_of_CSTS_has_its_bits(ulong mask, string field) =>
        HoldsBits(mask, field, new ControllerStatus(uint.MaxValue), new ControllerStatus(0));

    [Fact]
    public void Reserved_bits_of_CC_are_those_that_no_field_has()
    {
        ulong fields = ConfigurationFields.Aggregate(0ul, (bits, row) => bits | (ulong)row[0]);

        Assert.Equal(ControllerConfiguration.ReservedMask, ~(uint)fields);
    }

    [Fact]
    public void Builder_sets_fields_beside_each_other()
    {
        ControllerCapabilities capabilities = new() { Mqes = 127, Cqr = true, To = 30, Css = 1, Crms = 1 };

        Assert.Equal(0x0800_0020_1E01_007Ful, capabilities.Value);
    }

    [Fact]
    public void Ready_timeouts_have_media_in_the_low_half() =>
        Assert.Equal(0x0002_001Eu, new ControllerReadyTimeouts(Crwmt: 30, Crimt: 2).Value);

    private static ulong Mask(int high, int low) => (ulong.MaxValue >> (63 - (high - low))) << low;

    // The largest value of a field is read from a property of ones; set alone, it gives the mask.
    private static void HoldsBits<T>(ulong mask, string field, T ones, T zeroes)
        where T : struct
    {
        var property = typeof(T).GetProperty(field)!;
        object built = zeroes;
        property.SetValue(built, property.GetValue(ones));

        ulong value = Convert.ToUInt64(
            typeof(T).GetProperty("Value")!.GetValue(built), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(mask, value);
    }
}
