using System.Text;
using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed class Crc32CTests
{
    // RFC 3720, B.4, which prints the digests as bytes on the wire, least significant first.
    public static TheoryData<byte[], uint> PublishedVectors => new()
    {
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { ReadCommandOfRfc3720, 0xD9963A56 },
    };

    // An iSCSI Read (10) command PDU.
    private static byte[] ReadCommandOfRfc3720 =>
    [
        0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
        0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ];

    [Theory]
    [MemberData(nameof(PublishedVectors))]
    public void Digest_equals_the_published_vector(byte[] data, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(data));

    [Fact]
    public void Digest_equals_the_bitwise_definition_at_every_length_around_the_lanes()
    {
        byte[] data = RandomBytes(3 * 4096 + 64);
        uint state = Crc32C.Initial;
        for (int length = 0; length < data.Length; length++)
        {
            Assert.Equal(Crc32C.Finish(state), Crc32C.Compute(data.AsSpan(0, length)));
            state = BitwiseStep(state, data[length]);
        }
    }

    [Fact]
    public void Digest_does_not_depend_on_where_the_buffer_begins()
    {
        byte[] data = RandomBytes(4096 + 8);
        for (int start = 0; start < 8; start++)
        {
            ReadOnlySpan<byte> slice = data.AsSpan(start, 4096);
            Assert.Equal(Bitwise(slice), Crc32C.Compute(slice));
        }
    }

    [Fact]
    public void Appending_pieces_equals_computing_the_whole()
    {
        byte[] data = RandomBytes(10_000);
        uint whole = Crc32C.Compute(data);
        foreach (int cut in new[] { 0, 1, 7, 511, 512, 4095, 4096, 4097, 9999, 10_000 })
        {
            uint state = Crc32C.Append(Crc32C.Initial, data.AsSpan(0, cut));
            Assert.Equal(whole, Crc32C.Finish(Crc32C.Append(state, data.AsSpan(cut))));
        }
    }

    [Fact]
    public void Computing_allocates_nothing()
    {
        byte[] data = RandomBytes(8192);
        uint sum = Crc32C.Compute(data);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            sum ^= Crc32C.Compute(data);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.NotEqual(0u, sum);
    }

    private static byte[] RandomBytes(int length)
    {
        byte[] data = new byte[length];
        new SeededRandom(1).Fill(data);
        return data;
    }

    private static uint Bitwise(ReadOnlySpan<byte> data)
    {
        uint state = Crc32C.Initial;
        foreach (byte value in data)
            state = BitwiseStep(state, value);
        return Crc32C.Finish(state);
    }

    private static uint BitwiseStep(uint state, byte value)
    {
        state ^= value;
        for (int bit = 0; bit < 8; bit++)
            state = (state >> 1) ^ ((state & 1) != 0 ? 0x82F63B78u : 0);
        return state;
    }
}
