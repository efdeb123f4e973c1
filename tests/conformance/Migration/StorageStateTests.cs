using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Log pages D1h and D2h and feature D1h over the wire, from the text of the contract.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class StorageStateTests : IDisposable
{
    private const byte StatePage = 0xD1;
    private const byte DeltaPage = 0xD2;
    private const uint Active = 1;
    private const uint Destination = 2;
    private const uint Halted = 4;
    private const uint Completed = 8;

    private readonly MigrationPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_container_has_the_header_sections_and_checksums_of_the_contract()
    {
        MigrationPair.Write(_pair.VmQueue, 5, 3);
        byte[] state = _pair.Source.GetState(StatePage, lsi: _pair.From);
        Assert.Equal("VMSS"u8, state.AsSpan(0, 4));
        Assert.Equal((1, 0), (U16(state, 4), U16(state, 6)));
        Assert.Equal((ulong)state.Length, U64(state, 8));
        Assert.Equal((_pair.From, 4), (U16(state, 24), U16(state, 26)));
        Assert.Equal(Crc32C.Compute(state.AsSpan(64)), U32(state, 28));
        Assert.Equal(0x80, state[38] & 0xF0);
        Assert.Equal((0ul, 0u), (U64(state, 48), U32(state, 56)));
        Assert.Equal(Crc32C.Compute(state.AsSpan(0, 60)), U32(state, 60));
        Assert.Equal([1, 2, 3, 4], Sections(state).Select(section => section.Type));
        Assert.Equal(U64(state, 16) + 1, U64(_pair.Source.GetState(StatePage, lsi: _pair.From), 16));
        byte[] elsewhere = _pair.Destination.GetState(StatePage, lsi: _pair.To);
        Assert.NotEqual(state[32..48], elsewhere[32..48]);
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 2 })]
    [InlineData(4, new[] { 3 })]
    [InlineData(8, new[] { 4 })]
    [InlineData(0xA, new[] { 2, 4 })]
    [InlineData(0xF, new[] { 1, 2, 3, 4 })]
    public void LSP_selects_sections(byte lsp, int[] sections) =>
        Assert.Equal(sections, Sections(_pair.Source.GetState(StatePage, lsp, _pair.From)).Select(section => section.Type));

    [SkippableFact]
    public void Section_1_tells_digests_queues_and_limits_of_the_connection()
    {
        TestDoor.SkipAtSpdks("SPDK does not tell whether a connection has digests");
        using HostController digests = _pair.SourceTarget.Connect(
            out _, _pair.SourceTarget.Host with { HostNqn = "nqn.2026-11.io.emulator:other", Digests = PduDigests.Header | PduDigests.Data });
        byte[] payload = Sections(_pair.Source.GetState(StatePage, 1, digests.Id)).Single().Payload;
        List<(int Type, ulong Key, byte[] Value)> attributes = Attributes(payload);
        Assert.Equal([(1, 0ul), (2, 0ul), (2, 1ul)], attributes.Select(attribute => (attribute.Type, attribute.Key)));
        byte[] queue = attributes[2].Value;
        Assert.Equal((32, 1, 32), (queue.Length, U16(queue, 0), U16(queue, 2)));
        Assert.Equal((3, 3), (queue[4], queue[5] & 3));
        byte[] limits = attributes[0].Value;
        Assert.Equal((32, 16, 256u, 512u * 1024), (limits.Length, U16(limits, 6), U32(limits, 8), U32(limits, 16)));
        Assert.Equal(0, Attributes(Sections(_pair.Source.GetState(StatePage, 1, _pair.From)).Single().Payload)[1].Value[5] & 3);
    }

    [Fact]
    public void A_migration_of_state_and_data_ends_with_the_same_VM_elsewhere()
    {
        MigrationPair.Write(_pair.VmQueue, 10, 4);
        Assert.Equal(Status.Success, Set(_pair.Vm, FeatureId.Arbitration, 4));
        Assert.Equal(Status.Success, Set(_pair.Vm, FeatureId.AsynchronousEventConfiguration, 0x100));
        _pair.Source.Migrate(Active, target: _pair.From);
        _pair.Destination.Migrate(Active | Destination, target: _pair.To);
        Assert.Equal(3u, Phase());
        Send(_pair.Source.GetState(StatePage, lsi: _pair.From), also: 0);
        Assert.Equal(4u, Phase());
        Assert.Equal(0x23u, _pair.Destination.Get(0xD0, (uint)_pair.To << 16).Dw0 & 0xFFFF);
        Assert.Equal(4u, Get(_pair.Arriving, FeatureId.Arbitration));
        Assert.Equal(0x100u, Get(_pair.Arriving, FeatureId.AsynchronousEventConfiguration));

        // The VM is not here yet, and its manager brings the data.
        Assert.Equal(Status.AsymmetricAccessInaccessible, _pair.ArrivingQueue.Execute(HostCommands.Read(1, 10, 1), new byte[4096]).Status);
        CopyRange(10, 4);
        MigrationPair.Write(_pair.VmQueue, 12, 4, fill: 0x77);
        Assert.Equal(Status.Success, Set(_pair.Vm, FeatureId.Arbitration, 6));
        _pair.Source.Migrate(Active | Halted, target: _pair.From);
        CopyRange(12, 4);
        byte[] delta = _pair.Source.GetState(DeltaPage, lsi: _pair.From);
        Assert.Equal(1, U16(delta, 6));
        Send(delta, also: 8);
        _pair.Source.Migrate(Completed, target: _pair.From);
        _pair.Destination.Migrate(Completed, target: _pair.To);

        Assert.Equal(6u, Get(_pair.Arriving, FeatureId.Arbitration));
        byte[] data = new byte[6 * 4096];
        Assert.Equal(Status.Success, _pair.ArrivingQueue.Execute(HostCommands.Read(1, 10, 6), data).Status);
        Assert.Equal(Enumerable.Repeat((byte)0x5A, 2 * 4096).Concat(Enumerable.Repeat((byte)0x77, 4 * 4096)), data);
        Assert.Equal(Status.AsymmetricAccessInaccessible, _pair.VmQueue.Execute(HostCommands.Read(1, 10, 1), new byte[4096]).Status);
        byte[] written = _pair.Destination.GetLog(0xD4, 4096, lsi: _pair.To);
        Assert.Equal((1ul, 10ul, 6ul), (U64(written, 24), U64(written, 64), U64(written, 72)));
    }

    [Fact]
    public void A_page_in_pieces_is_of_one_moment_though_the_VM_goes_on()
    {
        byte[] first = new byte[1024];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(StatePage, first, lsi: _pair.From));
        byte[] whole = first;
        for (int piece = 1; (ulong)whole.Length < U64(whole, 8); piece++)
        {
            MigrationPair.Write(_pair.VmQueue, (ulong)(100 * piece), 1);
            byte[] next = new byte[1024];
            Assert.Equal(Status.Success, _pair.Source.TryGetLog(StatePage, next, (ulong)whole.Length, lsi: _pair.From));
            whole = [.. whole, .. next];
        }

        int length = (int)U64(whole, 8);
        Assert.Equal(Crc32C.Compute(whole.AsSpan(64, length - 64)), U32(whole, 28));
        Assert.False(whole.AsSpan(length).ContainsAnyExcept((byte)0));
    }

    public static TheoryData<uint, uint, int, string> BadSets => new()
    {
        { 0x23, 0, 64, nameof(Status.InvalidField) },
        { 0x8003, 0, 64, nameof(Status.InvalidField) },
        { 0x3, 0, 0, nameof(Status.InvalidField) },
        { 0x3, 0, 62, nameof(Status.InvalidField) },
        { 0x3, 1, 64, nameof(Status.InvalidField) },
        { 0x2, 0, 64, nameof(Status.CommandSequenceError) },
        { 0x3, 0, 64, nameof(Status.StorageStateInvalid) },
        { 0x7, 0, 64, nameof(Status.StorageStateInvalid) },
        { 0xB, 0, 64, nameof(Status.StorageStateInvalid) },
    };

    [Theory]
    [MemberData(nameof(BadSets))]
    public void What_cannot_be_sent_is_refused_precisely(uint bits, uint offset, int length, string status)
    {
        _pair.Destination.Migrate(Active | Destination, target: _pair.To);
        Assert.Equal(
            Statuses.Named(status).WithDoNotRetry(),
            _pair.Destination.SetState(new byte[length], bits, offset, _pair.To));
        Assert.Equal(3u, Phase());
    }

    [Fact]
    public void Nobody_is_sent_a_state_but_an_active_destination_and_nobody_but_a_manager_sends_it()
    {
        byte[] state = _pair.Source.GetState(StatePage, lsi: _pair.From);
        Assert.Equal(Status.MigrationNotActive, _pair.Destination.SetState(state, target: _pair.To));
        _pair.Destination.Migrate(Active, target: _pair.To);
        Assert.Equal(Status.MigrationNotActive, _pair.Destination.SetState(state, target: _pair.To));
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), new VendorClient(_pair.Arriving).SetState(state));
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), _pair.Destination.SetState(state, target: 0x7FFF));
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), _pair.Destination.Get(0xD1, (uint)_pair.To << 16).Status);
        Assert.Equal(4u, _pair.Destination.Get(0xD1, select: 3).Dw0);
    }

    [Fact]
    public void A_destination_with_other_namespaces_is_incompatible()
    {
        using var smaller = new MigrationPair(options => options with
        {
            Namespaces = [options.Namespaces[0] with { SizeBytes = 32 << 20 }, options.Namespaces[1]],
        });
        smaller.Destination.Migrate(Active | Destination, target: smaller.To);
        byte[] state = _pair.Source.GetState(StatePage, lsi: _pair.From);
        Assert.Equal(Status.StorageStateIncompatible.WithDoNotRetry(), smaller.Destination.SetState(state, target: smaller.To));
        Assert.Equal(3u, U32(smaller.Destination.GetLog(0xD0, 64, lsi: smaller.To), 8));
    }

    [Theory]
    [InlineData(0x10, 0u)]
    [InlineData(0x40, 0u)]
    [InlineData(0, 0x0080_0000u)]
    [InlineData(0, 2u)]
    public void A_read_with_a_field_that_means_nothing_is_refused(byte lsp, uint cdw14) =>
        Assert.Equal(
            Status.InvalidField.WithDoNotRetry(),
            _pair.Source.TryGetLog(StatePage, new byte[64], lsp: lsp, lsi: _pair.From, cdw14: cdw14));

    [Fact]
    public void D2h_needs_an_active_source()
    {
        Assert.Equal(Status.MigrationNotActive, _pair.Source.TryGetLog(DeltaPage, new byte[64], lsi: _pair.From));
        Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), _pair.Source.TryGetLog(StatePage, new byte[64], offset: 64, lsi: _pair.From));
    }

    private uint Phase() => U32(_pair.Destination.GetLog(0xD0, 64, lsi: _pair.To), 8);

    /// <summary>Sends a state in chunks of 4 KiB.</summary>
    private void Send(byte[] state, uint also)
    {
        for (int at = 0; at < state.Length; at += PieceBytes)
        {
            byte[] chunk = state[at..Math.Min(state.Length, at + PieceBytes)];
            uint bits = (at == 0 ? 1u : 0) | (at + chunk.Length == state.Length ? 2u : 0) | also;
            Assert.Equal(Status.Success, _pair.Destination.SetState(chunk, bits, (uint)at / 4, _pair.To));
        }
    }

    private void CopyRange(ulong lba, int blocks)
    {
        byte[] data = new byte[blocks * 4096];
        Assert.Equal(Status.Success, _pair.SourceQueue.Execute(HostCommands.Read(1, lba, blocks), data).Status);
        Assert.Equal(Status.Success, _pair.DestinationQueue.Execute(HostCommands.Write(1, lba, blocks), data).Status);
    }

    private static Status Set(HostController host, FeatureId feature, uint value) =>
        host.Admin.Execute(HostCommands.SetFeatures(feature, value), []).Status;

    private static uint Get(HostController host, FeatureId feature) =>
        host.Admin.Execute(HostCommands.GetFeatures(feature), []).Dw0;

    private static List<(int Type, byte[] Payload)> Sections(byte[] state)
    {
        var sections = new List<(int Type, byte[] Payload)>();
        for (int at = 64; at < state.Length;)
        {
            Assert.Equal(1, U16(state, at + 2));
            int length = (int)U32(state, at + 4);
            sections.Add((U16(state, at), state[(at + 8)..(at + 8 + length)]));
            at += 8 + ((length + 7) & ~7);
        }

        return sections;
    }

    private static List<(int Type, ulong Key, byte[] Value)> Attributes(byte[] payload)
    {
        var attributes = new List<(int Type, ulong Key, byte[] Value)>();
        for (int at = 0; at < payload.Length;)
        {
            int length = (int)U32(payload, at + 4);
            attributes.Add((U16(payload, at), U64(payload, at + 8), payload[(at + 16)..(at + 16 + length)]));
            at += 16 + ((length + 7) & ~7);
        }

        return attributes;
    }
}
