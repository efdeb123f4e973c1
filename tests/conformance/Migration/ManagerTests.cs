using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Managers that die in the middle of something, and two of them at once: the VM's rounds lose nothing.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class ManagerTests : IDisposable
{
    private const byte DirtyPage = 0xD3;
    private const byte WrittenPage = 0xD4;
    private const byte Advance = 1;
    private const byte Undo = 2;
    private const uint Active = 1;
    private const int EntryBytes = 32;

    private readonly MigrationPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_round_that_a_manager_took_and_died_with_comes_back_with_UNDO()
    {
        _pair.Source.Migrate(Active, target: _pair.From);
        WriteEverySecond(0, 200);
        using (HostController dying = ConnectManager(out VendorClient first))
        {
            byte[] begin = new byte[PieceBytes];
            Assert.Equal(Status.Success, first.TryGetLog(DirtyPage, begin, lsp: Advance, lsi: _pair.From));
            Assert.Equal(200ul, U64(begin, 24));
        }

        // What it latched died with it: nobody goes on where it stopped.
        WriteEverySecond(1000, 10);
        using HostController other = ConnectManager(out VendorClient second);
        Assert.Equal(
            Status.CommandSequenceError.Value & 0x7FF,
            second.TryGetLog(DirtyPage, new byte[EntryBytes], offset: PieceBytes, lsi: _pair.From).Value & 0x7FF);
        byte[] page = second.GetLog(DirtyPage, 64 + (210 * EntryBytes), Undo, _pair.From);
        Assert.Equal(210ul, U64(page, 24));
        Assert.Equal(
            [.. Enumerable.Range(0, 200).Select(i => (ulong)(2 * i)), .. Enumerable.Range(0, 10).Select(i => 1000 + (ulong)(2 * i))],
            Enumerable.Range(0, 210).Select(i => U64(page, 64 + (i * EntryBytes))));
    }

    [Fact]
    public void Two_managers_that_read_in_pieces_at_once_have_a_page_each()
    {
        using HostController other = ConnectManager(out VendorClient second);
        WriteEverySecond(0, 200);
        byte[] early = new byte[PieceBytes];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(WrittenPage, early, lsi: _pair.From));
        WriteEverySecond(2000, 50);
        byte[] late = second.GetLog(WrittenPage, 64 + (250 * EntryBytes), lsi: _pair.From);

        byte[] rest = new byte[64 + (200 * EntryBytes) - PieceBytes];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(WrittenPage, rest, offset: PieceBytes, lsi: _pair.From));

        Assert.Equal((200ul, 250ul), (U64(early, 24), U64(late, 24)));
        Assert.Equal(late[PieceBytes..(64 + (200 * EntryBytes))], rest);
    }

    [Fact]
    public void A_round_that_one_manager_takes_is_not_the_other_ones()
    {
        _pair.Source.Migrate(Active, target: _pair.From);
        using HostController other = ConnectManager(out VendorClient second);
        WriteEverySecond(0, 3);
        byte[] taken = _pair.Source.GetLog(DirtyPage, 256, Advance, _pair.From);
        WriteEverySecond(100, 2);
        byte[] next = second.GetLog(DirtyPage, 256, Advance, _pair.From);
        Assert.Equal((3ul, 1ul), (U64(taken, 24), U64(taken, 16)));
        Assert.Equal((2ul, 2ul), (U64(next, 24), U64(next, 16)));
        Assert.Equal(0ul, U64(_pair.Source.GetLog(DirtyPage, 64, lsi: _pair.From), 24));
    }

    private HostController ConnectManager(out VendorClient client)
    {
        HostController host = _pair.SourceTarget.Connect(
            _pair.SourceTarget.Host with { HostNqn = MigrationPair.ManagerNqn, HostId = 77 });
        client = new VendorClient(host);
        return host;
    }

    private void WriteEverySecond(int first, int count)
    {
        for (int i = 0; i < count; i++)
            MigrationPair.Write(_pair.VmQueue, (ulong)(first + (2 * i)), 1);
    }
}
