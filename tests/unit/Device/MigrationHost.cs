using Emulator.Device;
using Emulator.UnitTests.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>The vendor command set as a client of a <see cref="TestHost"/> uses it.</summary>
internal static class MigrationHost
{
    public static CommandOutcome TrySetMigration(
        this TestHost host,
        VmMigrationFlags flags,
        uint threshold = VendorCommandSet.KeepThreshold,
        ushort target = 0,
        uint nsid = uint.MaxValue) =>
        host.SetFeature(FeatureId.VmMigration, (uint)flags | ((uint)target << 16), nsid: nsid, cdw12: threshold);

    public static void SetMigration(
        this TestHost host,
        VmMigrationFlags flags,
        uint threshold = VendorCommandSet.KeepThreshold,
        ushort target = 0) =>
        TestHost.AssertStatus(Status.Success, host.TrySetMigration(flags, threshold, target));

    /// <summary>Dword 0 of Get Features D0h without the target.</summary>
    public static VmMigrationFlags GetMigration(this TestHost host, ushort target = 0)
    {
        CommandOutcome outcome = host.GetFeature(FeatureId.VmMigration, cdw11: (uint)target << 16);
        TestHost.AssertStatus(Status.Success, outcome);
        Assert.Equal(target == 0 ? host.ControllerId : target, (ushort)(outcome.Dw0 >> 16));
        return (VmMigrationFlags)(outcome.Dw0 & ushort.MaxValue);
    }

    public static VmMigrationStatus ReadStatus(this TestHost host, ushort target = 0) =>
        WireStruct.Read<VmMigrationStatus>(host.GetLog(
            LogPageId.VmMigrationStatus, VmMigrationStatus.Size, specificIdentifier: target));

    /// <summary>Reads a whole range list in one command.</summary>
    public static RangeList ReadRanges(
        this TestHost host, LogPageId page, byte actions = 0, ushort target = 0, int length = 64 * 1024) =>
        RangeList.Parse(host.GetLog(page, length, specific: actions, specificIdentifier: target));

    public static RangeList ReadDirty(this TestHost host, byte actions = 0, ushort target = 0) =>
        host.ReadRanges(LogPageId.VmDirtyRanges, actions, target);

    public static void Write(this TestHost host, ulong start, int count, uint nsid = 1, int blockBytes = 4096) =>
        TestHost.AssertStatus(
            Status.Success, host.Transfer(IoOpcode.Write, start, count, new byte[count * blockBytes], nsid));
}
