using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class FeatureTests : IDisposable
{
    private const uint Broadcast = uint.MaxValue;

    private readonly Drive _drive;
    private readonly TestHost _host;

    public FeatureTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    /// <summary>The features that nvme-cli's own tests read.</summary>
    [Theory]
    [InlineData(0x01, Broadcast)]
    [InlineData(0x02, Broadcast)]
    [InlineData(0x04, Broadcast)]
    [InlineData(0x05, 1u)]
    [InlineData(0x06, Broadcast)]
    [InlineData(0x07, Broadcast)]
    [InlineData(0x08, Broadcast)]
    [InlineData(0x09, Broadcast)]
    [InlineData(0x0A, Broadcast)]
    [InlineData(0x0B, Broadcast)]
    public void Features_that_every_controller_has_can_be_read(byte feature, uint nsid) =>
        TestHost.AssertStatus(Status.Success, _host.GetFeature((FeatureId)feature, nsid: nsid));

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x03)]
    [InlineData(0x0C)]
    [InlineData(0x0D)]
    [InlineData(0x10)]
    [InlineData(0x11)]
    [InlineData(0x21)]
    [InlineData(0x84)]
    [InlineData(0xC0)]
    public void A_feature_that_is_not_there_is_an_invalid_field(byte feature)
    {
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature((FeatureId)feature));
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature((FeatureId)feature, 0));
        Assert.Equal(0, _host.GetLog(LogPageId.FeatureIdentifiersSupportedAndEffects, 1024)[4 * feature]);
    }

    [Theory]
    [InlineData(0x01, 0x05u, 5u)]
    [InlineData(0x0A, 1u, 1u)]
    [InlineData(0x80, 0x33u, 5u)]
    public void A_saved_value_is_there_again_after_a_reset(byte id, uint saved, uint current)
    {
        var feature = (FeatureId)id;
        uint initial = _host.GetFeature(feature).Dw0;
        TestHost.AssertStatus(Status.Success, _host.SetFeature(feature, saved, save: true));
        TestHost.AssertStatus(Status.Success, _host.SetFeature(feature, current));
        Assert.Equal(current, _host.GetFeature(feature).Dw0);

        _host.ResetController();

        Assert.Equal(saved, _host.GetFeature(feature).Dw0);
        Assert.Equal(saved, _host.GetFeature(feature, select: FeatureSelect.Saved).Dw0);
        Assert.Equal(initial, _host.GetFeature(feature, select: FeatureSelect.Default).Dw0);
    }

    [Fact]
    public void A_value_that_was_not_saved_is_gone_after_a_reset()
    {
        uint initial = _host.GetFeature(FeatureId.Arbitration).Dw0;
        _host.SetFeature(FeatureId.Arbitration, 2);
        _host.ResetController();
        Assert.Equal(initial, _host.GetFeature(FeatureId.Arbitration).Dw0);
    }

    [Theory]
    [InlineData(0x01, 0x5u)]
    [InlineData(0x05, 0x7u)]
    [InlineData(0x08, 0x0u)]
    [InlineData(0x0B, 0x4u)]
    public void Capabilities_tell_what_a_feature_can_do(byte feature, uint expected) =>
        Assert.Equal(expected, _host.GetFeature((FeatureId)feature, select: FeatureSelect.SupportedCapabilities).Dw0);

    [Theory]
    [InlineData(0x07, 0u, 1u, true, 0x10D)]
    [InlineData(0x0B, 0u, 0u, true, 0x10D)]
    [InlineData(0x01, 0u, 1u, false, 0x10F)]
    [InlineData(0x01, 0u, 17u, false, 0x00B)]
    [InlineData(0x01, 0x08u, 0u, false, 0x002)]
    [InlineData(0x02, 0x01u, 0u, false, 0x002)]
    [InlineData(0x05, 0x1_0000u, 1u, false, 0x002)]
    [InlineData(0x05, 0u, 2u, false, 0x002)]
    [InlineData(0x05, 0u, 17u, false, 0x00B)]
    [InlineData(0x05, 0u, Broadcast, false, 0)]
    [InlineData(0x08, 0u, 0u, false, 0)]
    [InlineData(0x08, 1u, 0u, false, 0x10E)]
    [InlineData(0x09, 0x1_0000u, 0u, false, 0x10E)]
    [InlineData(0x0B, 1u << 31, 0u, false, 0x002)]
    public void What_cannot_be_set_is_refused_precisely(byte feature, uint value, uint nsid, bool save, ushort expected)
    {
        if (feature == 0x07)
            nsid = 0;
        TestHost.AssertStatus(new Status(expected), _host.SetFeature((FeatureId)feature, value, nsid: nsid, save: save));
    }

    [Fact]
    public void Error_recovery_is_kept_for_each_namespace()
    {
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, _host.GetFeature(FeatureId.ErrorRecovery, nsid: Broadcast));
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.ErrorRecovery, 42, nsid: Broadcast));
        Assert.Equal(42u, _host.GetFeature(FeatureId.ErrorRecovery, nsid: 1).Dw0);
    }

    [Fact]
    public void Queues_are_granted_up_to_the_limit_once_between_resets_and_before_any_is_connected()
    {
        const uint sixteen = 15 << 16 | 15;
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature(FeatureId.NumberOfQueues, 0xFFFF));
        Assert.Equal(sixteen, _host.GetFeature(FeatureId.NumberOfQueues).Dw0);
        Assert.Equal(0x0001_0001u, _host.SetFeature(FeatureId.NumberOfQueues, 0x0001_0001).Dw0);
        Assert.Equal(0x0001_0001u, _host.SetFeature(FeatureId.NumberOfQueues, sixteen).Dw0);
        _host.IoQueue(2);
        TestHost.AssertStatus(Status.CommandSequenceError, _host.SetFeature(FeatureId.NumberOfQueues, 0));
        Assert.False(_host.TryConnect(3, _host.ControllerId, 0, out _).Status.IsSuccess);

        _host.ResetController();

        Assert.Equal(sixteen, _host.SetFeature(FeatureId.NumberOfQueues, 100 << 16 | 100).Dw0);
    }

    [Fact]
    public void The_timestamp_counts_on_from_what_the_host_set_through_a_reset()
    {
        var timestamp = new Timestamp { Milliseconds = 1_700_000_000_000 };
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.Timestamp, 0, WireStruct.Bytes(ref timestamp)));
        _host.Wait(SimDuration.FromSeconds(2));
        _host.ResetController();

        byte[] data = new byte[Timestamp.Size];
        TestHost.AssertStatus(Status.Success, _host.GetFeature(FeatureId.Timestamp, data));

        Timestamp read = WireStruct.Read<Timestamp>(data);
        Assert.Equal((1_700_000_002_000ul, 2), (read.Milliseconds, read.Tstmps));
    }

    [Fact]
    public void The_host_identifier_has_128_bits_and_is_that_of_Connect()
    {
        byte[] data = new byte[16];
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.HostIdentifier, data));
        TestHost.AssertStatus(Status.Success, _host.GetFeature(FeatureId.HostIdentifier, data, cdw11: 1));
        Assert.Equal([1, .. new byte[15]], data);
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.HostIdentifier, 1, data));
        data[0] = 2;
        TestHost.AssertStatus(Status.CommandSequenceError, _host.SetFeature(FeatureId.HostIdentifier, 1, data));
    }

    [Fact]
    public void The_keep_alive_timeout_is_rounded_up_and_in_force_at_once()
    {
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.KeepAliveTimer, 1500));
        Assert.Equal(2000u, _host.GetFeature(FeatureId.KeepAliveTimer).Dw0);
        _host.Wait(SimDuration.FromMilliseconds(2000));
        Assert.Equal(CloseReason.KeepAliveExpired, _host.Endpoint.Closed);
    }

    [Fact]
    public void Host_behaviour_is_flags()
    {
        byte[] data = new byte[512];
        data[0] = 1;
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.HostBehaviorSupport, 0, data));
        data[1] = 2;
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature(FeatureId.HostBehaviorSupport, 0, data));
        TestHost.AssertStatus(Status.DataSglLengthInvalid, _host.SetFeature(FeatureId.HostBehaviorSupport, 0, data.AsSpan(0, 4)));
        TestHost.AssertStatus(Status.Success, _host.GetFeature(FeatureId.HostBehaviorSupport, data));
        Assert.Equal([1, 0], data[..2]);
    }

    [Fact]
    public void A_threshold_below_the_temperature_warns_and_sends_the_event_once_it_is_enabled()
    {
        _host.RequestEvent();
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.TemperatureThreshold, 300));
        Assert.Empty(_host.TakeEvents());
        Assert.Equal((byte)CriticalWarnings.TemperatureThreshold, _host.GetLog(LogPageId.SmartHealth, 512, retainEvent: true)[0]);

        _host.SetFeature(FeatureId.AsynchronousEventConfiguration, (uint)CriticalWarnings.TemperatureThreshold);

        Assert.Equal([0x0002_0101u], _host.TakeEvents());
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature(FeatureId.TemperatureThreshold, 1 << 16));
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.TemperatureThreshold, cdw11: 2 << 20));
        Assert.Equal(343u, _host.GetFeature(FeatureId.TemperatureThreshold, select: FeatureSelect.Default).Dw0);
    }
}
