using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Command C4h over the wire, from the text of the contract: actions, fields, statuses, and who may.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class SnapshotCommandTests : IDisposable
{
    private const byte Opcode = 0xC4;
    private const uint Create = 0;
    private const uint Delete = 1;
    private const uint Restore = 2;

    private readonly MigrationPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Identifiers_count_from_one_and_are_not_given_again()
    {
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => (int)Succeed(Create)));
        Assert.Equal(2u, Succeed(Delete, 2));
        Assert.Equal(4u, Succeed(Create));
        Assert.Equal([1, 3, 4], Listed());
        Assert.Equal(Status.SnapshotNotFound.WithDoNotRetry(), Try(Delete, 2));
    }

    [Fact]
    public void A_restored_namespace_reads_as_it_did_and_its_snapshots_stay()
    {
        MigrationPair.Write(_pair.VmQueue, 3, 2, fill: 1);
        Succeed(Create);
        MigrationPair.Write(_pair.VmQueue, 4, 2, fill: 2);
        Succeed(Create);

        Assert.Equal(1u, Succeed(Restore, 1));
        Assert.Equal([1, 1, 0], Fills(3, 3));
        Assert.Equal(2u, Succeed(Restore, 2));
        Assert.Equal([1, 2, 2], Fills(3, 3));
        Assert.Equal([1, 2], Listed());
    }

    [Fact]
    public void A_snapshot_of_another_namespace_is_not_touched()
    {
        Succeed(Create);
        Assert.Equal(2u, Succeed(Create, nsid: 2));
        Assert.Equal(Status.SnapshotNotFound.WithDoNotRetry(), Try(Restore, 1, nsid: 2));
        Assert.Equal(Status.SnapshotNotFound.WithDoNotRetry(), Try(Delete, 2));
        Assert.Equal([1, 2], Listed());
    }

    /// <summary>Rows: CDW10, CDW11, CDW12 to CDW15 in turn, namespace.</summary>
    public static TheoryData<uint, uint, uint, uint, uint, uint, uint, string> BadCommands => new()
    {
        { 0, 0, 0, 0, 0, 0, 0, nameof(Status.InvalidNamespaceOrFormat) },
        { 0, 0, 0, 0, 0, 0, uint.MaxValue, nameof(Status.InvalidNamespaceOrFormat) },
        { 0, 0, 0, 0, 0, 0, 0x1000, nameof(Status.InvalidNamespaceOrFormat) },
        { 0, 0, 0, 0, 0, 0, 3, nameof(Status.InvalidField) },
        { 3, 1, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 0xFF, 1, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 0x100, 0, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 0x8000_0001, 1, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 0, 1, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 1, 0x1_0001, 0, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 1, 1, 1, 0, 0, 0, 1, nameof(Status.InvalidField) },
        { 1, 1, 0, 1, 0, 0, 1, nameof(Status.InvalidField) },
        { 1, 1, 0, 0, 1, 0, 1, nameof(Status.InvalidField) },
        { 1, 1, 0, 0, 0, 1, 1, nameof(Status.InvalidField) },
        { 1, 0, 0, 0, 0, 0, 1, nameof(Status.SnapshotNotFound) },
        { 1, 2, 0, 0, 0, 0, 1, nameof(Status.SnapshotNotFound) },
        { 2, 0xFFFF, 0, 0, 0, 0, 1, nameof(Status.SnapshotNotFound) },
    };

    [Theory]
    [MemberData(nameof(BadCommands))]
    public void What_cannot_be_is_refused_precisely(
        uint cdw10, uint cdw11, uint cdw12, uint cdw13, uint cdw14, uint cdw15, uint nsid, string status)
    {
        Succeed(Create);
        SubmissionEntry entry = Command(cdw10, cdw11, nsid);
        (entry.Cdw12, entry.Cdw13, entry.Cdw14, entry.Cdw15) = (cdw12, cdw13, cdw14, cdw15);
        HostCompletion completion = _pair.Source.Controller.Admin.Execute(entry);
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), completion.Status);
        Assert.Equal([1], Listed());
    }

    [Theory]
    [InlineData(Create, 0)]
    [InlineData(Delete, 1)]
    [InlineData(Restore, 1)]
    public void A_VM_has_no_say_where_there_are_managers(uint action, uint id)
    {
        Succeed(Create);
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), _pair.Vm.Admin.Execute(Command(action, id, 1)).Status);
        Assert.Equal([1], Listed());
    }

    [Fact]
    public void As_many_can_be_made_as_the_support_structure_says()
    {
        byte[] identify = new byte[4096];
        Assert.True(_pair.Source.Controller.Admin.Execute(HostCommands.Identify(IdentifyCns.Controller), identify).IsSuccess);
        uint most = U32(identify, 3096);
        for (uint i = 0; i < most; i++)
            Succeed(Create);
        Assert.Equal(Status.LimitReached.WithDoNotRetry(), Try(Create));
        Succeed(Delete, 5);
        Assert.Equal(most + 1, Succeed(Create));
    }

    [SkippableFact]
    public void A_namespace_with_other_blocks_is_not_restored()
    {
        TestDoor.SkipAtSpdks("a namespace keeps the size of its blocks there");
        Succeed(Create);
        var format = new SubmissionEntry { Opcode = (byte)AdminOpcode.FormatNvm, Nsid = 1, Cdw10 = (uint)LbaFormatIndex.Bytes512 };
        Assert.Equal(Status.Success, _pair.Source.Controller.Admin.Execute(format).Status);
        Assert.Equal(Status.StorageStateIncompatible.WithDoNotRetry(), Try(Restore, 1));
        Succeed(Delete, 1);
    }

    [Fact]
    public void The_command_is_announced_and_changes_contents()
    {
        byte[] effects = _pair.Source.GetLog(0x05, 4096);

        // Supported, logical block content change, of a namespace; no restriction on what is executed beside it.
        Assert.Equal(0x10_0003u, U32(effects, 4 * Opcode));
    }

    [Fact]
    public void Room_that_is_used_up_is_Capacity_Exceeded_until_a_snapshot_is_deleted()
    {
        using var target = new TestTarget(new DriveOptions
        {
            CapacityBytes = 16 << 20,
            OverProvisioningPercent = 20,
            Namespaces = [new NamespaceOptions()],
        });
        using HostController host = target.Connect(out HostQueue queue);
        const int blocks = 4096;
        for (uint block = 0; block < blocks; block += 8)
            MigrationPair.Write(queue, block, 8, fill: 1);
        Assert.Equal(1u, host.Admin.Execute(Command(Create, 0, 1)).Dw0);

        Status status = Status.Success;
        uint written = 0;
        for (; status.IsSuccess && written < blocks; written += 8)
            status = queue.Execute(HostCommands.Write(1, written, 8), new byte[8 * 4096]).Status;
        Assert.Equal(Status.CapacityExceeded.WithDoNotRetry(), status);

        // What was refused is not half there.
        byte[] data = new byte[8 * 4096];
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, written - 8, 8), data).Status);
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)1));
        Assert.Equal(Status.Success, host.Admin.Execute(Command(Delete, 1, 1)).Status);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Write(1, written - 8, 8), data).Status);
    }

    private static SubmissionEntry Command(uint cdw10, uint cdw11, uint nsid) =>
        new() { Opcode = Opcode, Nsid = nsid, Cdw10 = cdw10, Cdw11 = cdw11 };

    private uint Succeed(uint action, uint id = 0, uint nsid = 1)
    {
        HostCompletion completion = _pair.Source.Controller.Admin.Execute(Command(action, id, nsid));
        Assert.Equal(Status.Success, completion.Status);
        return completion.Dw0;
    }

    private Status Try(uint action, uint id = 0, uint nsid = 1) => _pair.Source.Controller.Admin.Execute(Command(action, id, nsid)).Status;

    private int[] Listed()
    {
        byte[] page = _pair.Source.GetLog(0xD6, 4096, lsi: _pair.From);
        return [.. Enumerable.Range(0, (int)U32(page, 12)).Select(i => (int)U16(page, 64 + (64 * i)))];
    }

    private int[] Fills(ulong lba, int blocks)
    {
        byte[] data = new byte[blocks * 4096];
        Assert.Equal(Status.Success, _pair.VmQueue.Execute(HostCommands.Read(1, lba, blocks), data).Status);
        return [.. data.Chunk(4096).Select(block => block.Distinct().Single())];
    }
}
