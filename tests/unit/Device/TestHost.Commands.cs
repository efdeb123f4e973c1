using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>The admin commands that most tests need, with their data.</summary>
public sealed partial class TestHost
{
    /// <summary>The completed status, without Do Not Retry and More.</summary>
    public static void AssertStatus(Status expected, CommandOutcome outcome)
    {
        Assert.Equal(OutcomeKind.Completed, outcome.Kind);
        Assert.True(expected.Matches(outcome.Status), $"expected {expected}, got {outcome.Status}");
    }

    public CommandOutcome TryIdentify(IdentifyCns cns, out byte[] data, uint nsid = 0, ushort controllerId = 0, uint cdw11 = 0, uint cdw14 = 0)
    {
        data = new byte[4096];
        return Admin(AdminOpcode.Identify, data, nsid, (uint)cns | ((uint)controllerId << 16), cdw11, cdw14: cdw14);
    }

    public byte[] Identify(IdentifyCns cns, uint nsid = 0, ushort controllerId = 0, uint cdw11 = 0)
    {
        AssertStatus(Status.Success, TryIdentify(cns, out byte[] data, nsid, controllerId, cdw11));
        return data;
    }

    public IdentifyController IdentifyController() =>
        WireStruct.Read<IdentifyController>(Identify(IdentifyCns.Controller));

    public IdentifyNamespace IdentifyNamespace(uint nsid = 1) =>
        WireStruct.Read<IdentifyNamespace>(Identify(IdentifyCns.Namespace, nsid));

    /// <summary>Get Log Page with data of <paramref name="length"/> bytes, a multiple of four.</summary>
    public CommandOutcome TryGetLog(
        LogPageId logPage,
        int length,
        out byte[] data,
        ulong offset = 0,
        uint nsid = uint.MaxValue,
        byte specific = 0,
        ushort specificIdentifier = 0,
        bool retainEvent = false,
        uint cdw14 = 0)
    {
        data = new byte[length];
        uint dwords = (uint)(length / 4) - 1;
        uint cdw10 = (uint)logPage | ((uint)specific << 8) | (retainEvent ? 1u << 15 : 0) | (dwords << 16);
        uint cdw11 = (dwords >> 16) | ((uint)specificIdentifier << 16);
        return Admin(AdminOpcode.GetLogPage, data, nsid, cdw10, cdw11, (uint)offset, (uint)(offset >> 32), cdw14);
    }

    public byte[] GetLog(
        LogPageId logPage,
        int length,
        ulong offset = 0,
        uint nsid = uint.MaxValue,
        byte specific = 0,
        ushort specificIdentifier = 0,
        bool retainEvent = false)
    {
        CommandOutcome outcome = TryGetLog(logPage, length, out byte[] data, offset, nsid, specific, specificIdentifier, retainEvent);
        AssertStatus(Status.Success, outcome);
        return data;
    }

    public CommandOutcome SetFeature(
        FeatureId feature, uint cdw11, Span<byte> data = default, uint nsid = 0, uint cdw12 = 0, bool save = false) =>
        Admin(AdminOpcode.SetFeatures, data, nsid, (uint)feature | (save ? 1u << 31 : 0), cdw11, cdw12);

    public CommandOutcome GetFeature(
        FeatureId feature,
        Span<byte> data = default,
        uint nsid = 0,
        uint cdw11 = 0,
        FeatureSelect select = FeatureSelect.Current) =>
        Admin(AdminOpcode.GetFeatures, data, nsid, (uint)feature | ((uint)select << 8), cdw11);

    /// <summary>Leaves an Asynchronous Event Request with the controller.</summary>
    public CommandOutcome RequestEvent() => Admin(AdminOpcode.AsynchronousEventRequest);

    /// <summary>Dword 0 of each event that was reported since the last call.</summary>
    public IReadOnlyList<uint> TakeEvents()
    {
        uint[] events = [.. Endpoint.Posted.Select(posted => posted.Outcome.Dw0)];
        Endpoint.Posted.Clear();
        return events;
    }

    /// <summary>Enables the notices that Identify Controller offers, as Linux does.</summary>
    public void EnableEvents(AsyncEventNotices notices) =>
        AssertStatus(Status.Success, SetFeature(FeatureId.AsynchronousEventConfiguration, (uint)notices));
}
