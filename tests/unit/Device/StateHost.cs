using Emulator.Device;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Storage states as a client of a <see cref="TestHost"/> reads and sends them.</summary>
internal static class StateHost
{
    private const int Longest = 1 << 20;

    /// <summary>Reads log page D1h or D2h to its end, without the zeroes behind it.</summary>
    public static byte[] ReadStateBytes(
        this TestHost host, LogPageId page = LogPageId.VmStorageState, ushort target = 0, StateSections sections = StateSections.None)
    {
        byte[] data = host.GetLog(page, Longest, specific: (byte)sections, specificIdentifier: target);
        return data[..(int)(ulong)WireStruct.Read<StateContainerHeader>(data.AsSpan(0, StateContainerHeader.Size)).TotalBytes];
    }

    public static StateContainer ReadState(
        this TestHost host, LogPageId page = LogPageId.VmStorageState, ushort target = 0, StateSections sections = StateSections.None) =>
        Parse(host.ReadStateBytes(page, target, sections));

    public static StateContainer Parse(byte[] bytes)
    {
        StateContainer? container = StateContainer.Read(bytes, out string problem);
        Assert.True(container != null, problem);
        return container;
    }

    public static CommandOutcome TrySendState(
        this TestHost host,
        byte[] chunk,
        VmStorageStateFlags flags = VmStorageStateFlags.First | VmStorageStateFlags.Last,
        uint offsetDwords = 0,
        ushort target = 0) =>
        host.SetFeature(
            FeatureId.VmStorageState, (uint)flags | ((uint)target << 16), chunk, nsid: uint.MaxValue, cdw12: offsetDwords);

    public static void SendState(
        this TestHost host, byte[] state, VmStorageStateFlags also = VmStorageStateFlags.None, ushort target = 0) =>
        TestHost.AssertStatus(
            Status.Success,
            host.TrySendState(state, VmStorageStateFlags.First | VmStorageStateFlags.Last | also, target: target));
}
