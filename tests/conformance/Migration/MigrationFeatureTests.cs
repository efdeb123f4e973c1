using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Features D0h and D2h and log pages D0h, D3h and D4h over the wire, from the text of the contract.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class MigrationFeatureTests : IDisposable
{
    private const uint Active = 1;
    private const uint Destination = 2;
    private const uint Halted = 4;
    private const uint Completed = 8;
    private const uint ClearWritten = 0x10;
    private const uint Erase = 0x20;
    private const uint DirectiveStreams = 1u << 20;

    private readonly MigrationPair _pair = new();

    private VendorClient Manager => _pair.Source;

    private ushort Target => _pair.From;

    public void Dispose() => _pair.Dispose();

    /// <summary>What was set before, what is set, and the answer.</summary>
    public static TheoryData<uint[], uint, string> Transitions => new()
    {
        { [], Active, nameof(Status.Success) },
        { [], Active | Halted, nameof(Status.Success) },
        { [], Active | Destination, nameof(Status.Success) },
        { [], 0, nameof(Status.Success) },
        { [], ClearWritten, nameof(Status.Success) },
        { [], Active | 0x700, nameof(Status.Success) },
        { [], Halted, nameof(Status.InvalidField) },
        { [], Active | Destination | Halted, nameof(Status.InvalidField) },
        { [], Active | Completed, nameof(Status.InvalidField) },
        { [], Erase, nameof(Status.InvalidField) },
        { [], Completed | Erase | Destination, nameof(Status.InvalidField) },
        { [], 0x40, nameof(Status.InvalidField) },
        { [], 0x80, nameof(Status.InvalidField) },
        { [], 0x800, nameof(Status.InvalidField) },
        { [], 0x8000, nameof(Status.InvalidField) },
        { [], Completed, nameof(Status.MigrationNotActive) },
        { [Active], Active | Halted, nameof(Status.Success) },
        { [Active], Active | Destination, nameof(Status.MigrationBusy) },
        { [Active | Destination], Active, nameof(Status.MigrationBusy) },
        { [Active], Active | ClearWritten, nameof(Status.MigrationBusy) },
        { [Active], Completed | ClearWritten, nameof(Status.InvalidField) },
        { [Active | Destination], Completed | Erase, nameof(Status.InvalidField) },
        { [Active | Destination], Completed | ClearWritten, nameof(Status.Success) },
        { [Active, Active | Halted], Completed | Erase, nameof(Status.OperationDenied) },
    };

    [Theory]
    [MemberData(nameof(Transitions))]
    public void Feature_D0h_answers_as_the_table_says(uint[] before, uint bits, string status)
    {
        foreach (uint earlier in before)
            Manager.Migrate(earlier, target: Target);
        byte[] untouched = Manager.GetLog(0xD0, 64, lsi: Target);
        if (bits == (Completed | Erase) && before.Length == 2)
            _pair.SourceTarget.Connect(_pair.SourceTarget.Host with { HostNqn = "nqn.2026-11.io.emulator:neighbour" }).Dispose();

        Status expected = Statuses.Named(status);
        bool passes = status is nameof(Status.Success) or nameof(Status.MigrationBusy) or nameof(Status.MigrationNotActive);
        Assert.Equal(passes ? expected : expected.WithDoNotRetry(), Manager.SetMigration(bits, target: Target));
        if (!expected.IsSuccess)
            Assert.Equal(untouched, Manager.GetLog(0xD0, 64, lsi: Target));
    }

    [Theory]
    [InlineData(1u, 0u, 0u, 0u)]
    [InlineData(0u, 1u, 0u, 0u)]
    [InlineData(0u, 0u, 2u, 0u)]
    [InlineData(0u, 0u, 0u, 1u)]
    public void Reserved_dwords_and_other_UUIDs_are_an_invalid_field(uint cdw13, uint cdw15, uint cdw14, uint cdw10)
    {
        Status status = Manager.Set(
            0xD0, Active | ((uint)Target << 16), 0, cdw13: cdw13, cdw14: cdw14, cdw15: cdw15, cdw10Bits: cdw10 << 8);
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), status);
        Assert.Equal(
            Status.FeatureNotSaveable.WithDoNotRetry(),
            Manager.Set(0xD0, Active | ((uint)Target << 16), cdw10Bits: 1u << 31));
        Assert.Equal(Status.Success, Manager.Set(0xD0, Active | ((uint)Target << 16), cdw14: 1));
    }

    [Fact]
    public void DW0_and_page_D0h_tell_the_same_in_every_phase()
    {
        (uint Bits, uint Flags, uint Phase, uint Round)[] steps =
        [
            (0, 0, 0, 0), (Active | 0x500, 0x501, 1, 1), (Active | Halted, 5, 2, 1), (Active, 1, 1, 1), (Completed, 8, 0, 0),
            (ClearWritten, 8, 0, 0), (Active | Destination, 3, 3, 0), (0, 0x0, 0, 0),
        ];
        foreach ((uint bits, uint flags, uint phase, uint round) in steps)
        {
            Manager.Migrate(bits, target: Target);
            byte[] first = new byte[64];
            uint dw0 = Manager.Get(0xD0, (uint)Target << 16, first).Dw0;
            byte[] page = Manager.GetLog(0xD0, 256, lsi: Target);
            Assert.Equal(flags | ((uint)Target << 16), dw0);
            Assert.Equal((1, Target, dw0), (U16(page, 0), U16(page, 2), U32(page, 4)));
            Assert.Equal((phase, (ulong)round), (U32(page, 8), U64(page, 32)));
            Assert.Equal(page[..64], first);
        }
    }

    [Fact]
    public void Lists_count_sort_and_merge_and_ADVANCE_and_UNDO_act_once()
    {
        Manager.Migrate(ClearWritten, threshold: 3, target: Target);
        Manager.Migrate(Active, target: Target);
        foreach (ulong lba in new ulong[] { 40, 8, 9, 41 })
            MigrationPair.Write(_pair.VmQueue, lba, 1);
        Assert.True(_pair.VmQueue.Execute(HostCommands.Io(IoOpcode.WriteZeroes, 1, 42, 2)).IsSuccess);

        byte[] written = Manager.GetLog(0xD4, 4096, lsi: Target);
        Assert.Equal((1, Target, 1u), (U16(written, 0), U16(written, 2), U32(written, 4)));
        Assert.Equal((3ul, 6ul, 4096u, 32u), (U64(written, 24), U64(written, 32), U32(written, 40), U32(written, 44)));
        Assert.Equal([(8, 2, 1, 0), (40, 2, 1, 0), (42, 2, 1, 1)], Entries(written));

        byte[] dirty = Manager.GetLog(0xD3, 4096, lsp: 1, lsi: Target);
        Assert.Equal((3u, 1ul), (U32(dirty, 4), U64(dirty, 16)));
        Assert.Equal(Entries(written), Entries(dirty));
        Assert.Equal(2ul, U64(Manager.GetLog(0xD0, 64, lsi: Target), 32));
        MigrationPair.Write(_pair.VmQueue, 100, 1);
        Assert.Equal([(100, 1, 1, 0)], Entries(Manager.GetLog(0xD3, 4096, lsi: Target)));
        Assert.Equal(4, Entries(Manager.GetLog(0xD3, 4096, lsp: 3, lsi: Target)).Count);
        Assert.Empty(Entries(Manager.GetLog(0xD3, 4096, lsi: Target)));
        Assert.Equal(4, Entries(Manager.GetLog(0xD3, 4096, lsp: 2, lsi: Target)).Count);
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), Manager.TryGetLog(0xD3, new byte[64], lsp: 4, lsi: Target));
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), Manager.TryGetLog(0xD4, new byte[64], lsp: 1, lsi: Target));
    }

    [Fact]
    public void A_threshold_that_is_crossed_raises_an_event_that_names_page_D0h()
    {
        HostQueue admin = _pair.Source.Controller.Admin;
        int request = admin.Begin(HostCommands.AsynchronousEventRequest());
        Manager.Migrate(Active, threshold: 2, target: Target);
        MigrationPair.Write(_pair.VmQueue, 0, 2);
        Assert.Equal(0u, Manager.Get(0xD0, (uint)Target << 16).Dw0 & 0x10);
        Assert.False(admin.IsDone(request));
        MigrationPair.Write(_pair.VmQueue, 7, 1);
        Assert.Equal(0x10u, Manager.Get(0xD0, (uint)Target << 16).Dw0 & 0x10);
        Assert.Equal(0x00D0_0007u, admin.Wait(request).Dw0);
    }

    [Fact]
    public void ERASE_deallocates_and_page_D0h_proves_it()
    {
        using var alone = new MigrationPair(options => options);
        MigrationPair.Write(alone.VmQueue, 0, 5);
        alone.Source.Migrate(Active | Halted, target: alone.From);
        alone.Source.Migrate(Completed | Erase, target: alone.From);
        byte[] page = alone.Source.GetLog(0xD0, 256, lsi: alone.From);
        Assert.Equal((5ul, 0ul), (U64(page, 128), U64(page, 136)));
        byte[] data = new byte[5 * 4096];
        Assert.True(alone.SourceQueue.Execute(HostCommands.Read(1, 0, 5), data).IsSuccess);
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void VMs_on_one_controller_are_told_apart_by_streams_and_each_migrates_alone()
    {
        const ushort first = 0x8000, second = 0xFFFE;
        Bind(first, 31, Status.Success);
        Bind(second, 32, Status.Success);
        Bind(0x8001, 31, Status.InvalidField);
        Bind(first, 33, Status.InvalidField);
        Bind(0x7FFF, 34, Status.InvalidField);
        Bind(0xFFFF, 34, Status.InvalidField);
        Assert.Equal(31u | ((uint)Target << 16), Manager.Get(0xD2, first).Dw0);
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), Manager.Get(0xD2, 0x8005).Status);
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), new VendorClient(_pair.Vm).Set(0xD2, first, 31));

        Manager.Migrate(Active, target: first);
        WriteStream(31, 10, Status.Success);
        WriteStream(32, 20, Status.Success);
        MigrationPair.Write(_pair.VmQueue, 30, 1);
        Assert.Equal([(10, 1, 1, 0)], Entries(Manager.GetLog(0xD3, 4096, lsi: first)));
        Assert.Equal([(20, 1, 1, 0)], Entries(Manager.GetLog(0xD4, 4096, lsi: second)));
        Assert.Equal([(30, 1, 1, 0)], Entries(Manager.GetLog(0xD4, 4096, lsi: Target)));
        Assert.Equal(Status.MigrationNotActive, Manager.TryGetLog(0xD3, new byte[64], lsi: second));

        Manager.Migrate(Active | Halted, target: first);
        WriteStream(31, 11, Status.AsymmetricAccessInaccessible);
        WriteStream(32, 21, Status.Success);
        Assert.Equal(Status.MigrationBusy, Manager.Set(0xD2, first | ((uint)Target << 16), 31 | (1u << 31)));
        Manager.Migrate(Completed | Erase, target: first);
        Assert.Equal((1ul, 0ul), (U64(Manager.GetLog(0xD0, 256, lsi: first), 128), U64(Manager.GetLog(0xD0, 256, lsi: first), 136)));
        Assert.Equal(Status.Success, Manager.Set(0xD2, first | ((uint)Target << 16), 31 | (1u << 31)));
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), Manager.TryGetLog(0xD4, new byte[64], lsi: first));

        void Bind(ushort handle, ushort stream, Status status) => Assert.Equal(
            status.IsSuccess ? status : status.WithDoNotRetry(), Manager.Set(0xD2, handle | ((uint)Target << 16), stream));
    }

    [Fact]
    public void The_support_structure_tells_what_works()
    {
        byte[] identify = new byte[4096];
        Assert.True(_pair.Source.Controller.Admin.Execute(HostCommands.Identify(IdentifyCns.Controller), identify).IsSuccess);
        ReadOnlySpan<byte> support = identify.AsSpan(3072, 64);
        Assert.Equal("VMAS"u8, support[..4]);
        Assert.Equal((0x0102, 64), (U16(support, 4), U16(support, 6)));

        // Both roles, written and dirty ranges, dirty state, checksums, snapshots, retention, prefetch, managers,
        // translation, streams.
        Assert.Equal(0x3E7Fu, U32(support, 8) & 0x3E7F);
        Assert.Equal((0xD0, 0xD0, 4096u), (support[12], support[13], U32(support, 16)));
        Assert.Equal(64u, U32(support, 24));
    }

    private void WriteStream(ushort stream, ulong lba, Status expected)
    {
        SubmissionEntry write = HostCommands.Write(1, lba, 1);
        write.Cdw12 |= DirectiveStreams;
        write.Cdw13 = (uint)stream << 16;
        Assert.Equal(expected, _pair.VmQueue.Execute(write, new byte[4096]).Status);
    }

    /// <summary>First block, blocks, namespace, flags.</summary>
    private static List<(int Start, int Blocks, int Nsid, int Flags)> Entries(byte[] list) =>
        [.. Enumerable.Range(0, (int)U64(list, 24)).Select(i => 64 + (32 * i)).Select(at =>
            ((int)U64(list, at), (int)U64(list, at + 8), (int)U32(list, at + 16), (int)U32(list, at + 20)))];
}
