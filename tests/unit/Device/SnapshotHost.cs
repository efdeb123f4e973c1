using Emulator.Device;
using Emulator.UnitTests.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Snapshots as a client of a <see cref="TestHost"/> uses them.</summary>
internal static class SnapshotHost
{
    public static CommandOutcome TrySnapshot(this TestHost host, SnapshotAction action, ushort id = 0, uint nsid = 1) =>
        host.Admin(AdminOpcode.Snapshot, nsid: nsid, cdw10: (uint)action, cdw11: id);

    public static ushort CreateSnapshot(this TestHost host, uint nsid = 1)
    {
        CommandOutcome outcome = host.TrySnapshot(SnapshotAction.Create, nsid: nsid);
        TestHost.AssertStatus(Status.Success, outcome);
        return (ushort)outcome.Dw0;
    }

    public static void DeleteSnapshot(this TestHost host, ushort id, uint nsid = 1) =>
        TestHost.AssertStatus(Status.Success, host.TrySnapshot(SnapshotAction.Delete, id, nsid));

    public static void RestoreSnapshot(this TestHost host, ushort id, uint nsid = 1) =>
        TestHost.AssertStatus(Status.Success, host.TrySnapshot(SnapshotAction.Restore, id, nsid));

    public static (SnapshotListHeader Header, SnapshotListEntry[] Entries) ListSnapshots(this TestHost host, ushort target = 0)
    {
        byte[] page = host.GetLog(LogPageId.Snapshots, 8192, specificIdentifier: target);
        SnapshotListHeader header = WireStruct.Read<SnapshotListHeader>(page);
        return (header, [.. Enumerable.Range(0, (int)(uint)header.Entries).Select(i =>
            WireStruct.Read<SnapshotListEntry>(page.AsSpan(SnapshotListHeader.Size + (i * SnapshotListEntry.Size))))]);
    }

    public static VmasSupport ReadSupport(this TestHost host) => host.IdentifyController().Vmas;

    public static RangeList ReadDelta(this TestHost host, ushort snapshot, int length = 64 * 1024) =>
        host.ReadRanges(LogPageId.SnapshotDelta, target: snapshot, length: length);

    /// <summary>Reads one page of a snapshot, decoded.</summary>
    /// <returns>Null for one that cannot be read; empty for one that is deallocated.</returns>
    public static byte[]? ReadSnapshotPage(this TestHost host, ushort snapshot, uint page, uint nsid = 1)
    {
        byte[] data = new byte[VendorCommandSet.LeastStoredPagesBytes];
        CommandOutcome outcome = host.Admin(
            AdminOpcode.ReadStoredPages, data, nsid, page, 0, 1, VendorCommandSet.DecodedPages, snapshot);
        TestHost.AssertStatus(Status.Success, outcome);
        StoredPageHeader header = WireStruct.Read<StoredPageHeader>(data);
        Assert.Equal(page, header.Page);
        return (StoredPageFlags)(ushort)header.Flags switch
        {
            StoredPageFlags.Unreadable => null,
            StoredPageFlags.Deallocated => [],
            _ => data.AsSpan(StoredPageHeader.Size, (int)(uint)header.Length).ToArray(),
        };
    }

    /// <summary>Writes one block of 4096 bytes full of a value.</summary>
    public static CommandOutcome TryFill(this TestHost host, ulong block, byte value, uint nsid = 1) =>
        host.Transfer(IoOpcode.Write, block, 1, Page(value), nsid);

    public static void Fill(this TestHost host, ulong block, byte value, uint nsid = 1) =>
        TestHost.AssertStatus(Status.Success, host.TryFill(block, value, nsid));

    public static void AssertBlock(this TestHost host, ulong block, byte value, uint nsid = 1)
    {
        byte[] data = new byte[4096];
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, block, 1, data, nsid));
        Assert.Equal(Page(value), data);
    }

    public static byte[] Page(byte value)
    {
        byte[] page = new byte[4096];
        page.AsSpan().Fill(value);
        return page;
    }
}
