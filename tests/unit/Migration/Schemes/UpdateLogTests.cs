using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

public class UpdateLogTests
{
    private const int Shift = 9;

    [Fact]
    public void What_was_appended_is_read_in_order()
    {
        var store = new MemoryStore();
        var log = new UpdateLog(store, Shift);
        byte[] noise = new byte[3 << Shift];
        new SeededRandom(1).Fill(noise);
        int plain = log.Append(new BlockRequest(BlockOperation.Write, 7, 3), noise);
        int packed = log.Append(new BlockRequest(BlockOperation.Write, 1, 3), new byte[3 << Shift]);
        int zero = log.Append(new BlockRequest(BlockOperation.Zero, 5, 9), []);
        Assert.Equal((32 + noise.Length, 32), (plain, zero));
        Assert.InRange(packed, 33, 100);

        log = new UpdateLog(store, Shift);
        Assert.Equal([(BlockOperation.Write, 7ul, 3u), (BlockOperation.Write, 1, 3), (BlockOperation.Zero, 5, 9)], Read(log));
        long position = 0;
        byte[] data = [];
        Assert.True(log.TryRead(ref position, ref data, out _));
        Assert.Equal(noise, data);
    }

    [Theory]
    [InlineData(4096, 0, 1024)]
    [InlineData(4096, 2048, 2600)]
    [InlineData(131072, 65536, 70000)]
    [InlineData(131072, 0, 20000)]
    public void What_becomes_smaller_is_compressed_also_if_part_of_it_is_noise(int bytes, int noise, int most)
    {
        var store = new MemoryStore();
        var log = new UpdateLog(store, Shift);
        byte[] written = new byte[bytes];
        for (int i = 0; i < bytes; i++)
            written[i] = "The quick brown fox jumps over the lazy dog. "u8[i % 45];
        new SeededRandom(1).Fill(written.AsSpan(0, noise));

        Assert.InRange(log.Append(new BlockRequest(BlockOperation.Write, 0, (uint)(bytes >> Shift)), written), 33, most);

        long position = 0;
        byte[] read = [];
        Assert.True(log.TryRead(ref position, ref read, out _));
        Assert.Equal(written, read[..bytes]);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(131072)]
    public void Noise_is_kept_as_it_is(int bytes)
    {
        byte[] noise = new byte[bytes];
        new SeededRandom(2).Fill(noise);

        Assert.Equal(32 + bytes, new UpdateLog(new MemoryStore(), Shift).Append(new BlockRequest(BlockOperation.Write, 0, (uint)(bytes >> Shift)), noise));
    }

    [Fact]
    public void A_log_that_breaks_off_or_is_damaged_ends_before_the_damage()
    {
        var store = new MemoryStore();
        var log = new UpdateLog(store, Shift);
        int first = 16 + log.Append(new BlockRequest(BlockOperation.Write, 0, 1), new byte[512]);
        log.Append(new BlockRequest(BlockOperation.Write, 1, 1), new byte[512]);
        int whole = store.Bytes.Count;
        for (int bytes = first; bytes < whole; bytes++)
            Assert.Single(Read(new UpdateLog(new MemoryStore { Bytes = store.Bytes[..bytes] }, Shift)));
        for (int at = first; at < whole; at++)
        {
            List<byte> damaged = [.. store.Bytes];
            damaged[at] ^= 0x10;
            Assert.Single(Read(new UpdateLog(new MemoryStore { Bytes = damaged }, Shift)));
        }
    }

    [Fact]
    public void A_log_of_other_blocks_is_refused()
    {
        var store = new MemoryStore();
        _ = new UpdateLog(store, Shift);
        Assert.Throws<InvalidDataException>(() => new UpdateLog(store, 12));
    }

    private static List<(BlockOperation, ulong, uint)> Read(UpdateLog log)
    {
        var updates = new List<(BlockOperation, ulong, uint)>();
        byte[] data = [];
        for (long position = 0; log.TryRead(ref position, ref data, out BlockRequest update);)
            updates.Add((update.Operation, update.StartLba, update.Blocks));
        return updates;
    }
}
