using System.Text;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

public sealed class PageCodecTests : IDisposable
{
    private static readonly byte[] Nguid = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private readonly PageCodecFactory _factory = new(new DriveSecret(new byte[32]));

    public static TheoryData<CompressionKind, bool, int> EveryTransform
    {
        get
        {
            var rows = new TheoryData<CompressionKind, bool, int>();
            foreach (CompressionKind compression in Enum.GetValues<CompressionKind>())
            {
                foreach (bool encrypted in new[] { false, true })
                {
                    rows.Add(compression, encrypted, 0);
                    rows.Add(compression, encrypted, 8);
                }
            }

            return rows;
        }
    }

    public void Dispose() => _factory.Dispose();

    [Theory]
    [MemberData(nameof(EveryTransform))]
    public void What_is_encoded_is_decoded(CompressionKind compression, bool encrypted, int corrected)
    {
        using IPageCodec codec = Codec(compression, encrypted, corrected);
        foreach (byte[] plain in new[] { Text(), Noise(1), new byte[4096], Prefixed(3700), Prefixed(3840), Prefixed(2000) })
        {
            Stored page = Encode(codec, 77, plain);

            Assert.Equal(encrypted, page.Form.IsEncrypted);
            Assert.Equal(corrected != 0, page.Form.HasEcc);
            Assert.False(page.Bytes.AsSpan(page.Form.Length).ContainsAnyExcept((byte)0));
            Assert.Equal(DecodeStatus.Success, Decode(codec, 77, page, out byte[] decoded).Status);
            Assert.Equal(plain, decoded);
        }
    }

    [Theory]
    [InlineData(CompressionKind.Lz4)]
    [InlineData(CompressionKind.Zstd)]
    public void Text_becomes_smaller_and_noise_stays_as_it_is(CompressionKind compression)
    {
        using IPageCodec codec = Codec(compression, encrypted: false, 0);

        StoredForm text = Encode(codec, 0, Text()).Form;
        Stored noise = Encode(codec, 0, Noise(2));

        Assert.True(text.IsCompressed);
        Assert.InRange(text.Length, 16, 2048);
        Assert.Equal(StoredForm.Plain, noise.Form);
        Assert.Equal(Noise(2), noise.Bytes);
    }

    [Fact]
    public void Equal_pages_are_stored_differently_at_different_places()
    {
        using IPageCodec codec = Codec(CompressionKind.None, encrypted: true, 0);
        Assert.NotEqual(Encode(codec, 1, Text()).Bytes, Encode(codec, 2, Text()).Bytes);
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Lz4)]
    public void Nothing_of_the_plaintext_shows_in_an_encrypted_page(CompressionKind compression)
    {
        using IPageCodec codec = Codec(compression, encrypted: true, 8);
        byte[] plain = Text();
        Stored page = Encode(codec, 9, plain);
        for (int i = 0; i + 16 <= plain.Length; i++)
        {
            Assert.Equal(-1, page.Bytes.AsSpan().IndexOf(plain.AsSpan(i, 16)));
            Assert.Equal(-1, page.Parity.AsSpan().IndexOf(plain.AsSpan(i, 16)));
        }
    }

    [Fact]
    public void Wrong_bits_are_corrected_and_counted()
    {
        using IPageCodec codec = Codec(CompressionKind.None, encrypted: true, 8);
        Stored page = Encode(codec, 5, Text());
        page.Bytes[0] ^= 0x3C;
        page.Bytes[4000] ^= 0xFF;

        DecodeResult result = Decode(codec, 5, page, out byte[] decoded);

        Assert.Equal(new DecodeResult(DecodeStatus.Success, 12), result);
        Assert.Equal(Text(), decoded);
    }

    [Fact]
    public void Too_many_wrong_bits_are_uncorrectable()
    {
        using IPageCodec codec = Codec(CompressionKind.None, encrypted: false, 2);
        Stored page = Encode(codec, 5, Text());
        page.Bytes[100] ^= 0xFF;
        Assert.Equal(DecodeStatus.Uncorrectable, Decode(codec, 5, page, out _).Status);
    }

    // What a namespace is set to concerns what it writes from then on.
    [Fact]
    public void A_page_is_decoded_by_its_form_whatever_the_namespace_is_set_to_now()
    {
        using IPageCodec old = Codec(CompressionKind.Zstd, encrypted: true, 4);
        using IPageCodec now = Codec(CompressionKind.Lz4, encrypted: false, 8);
        using IPageCodec nothing = Codec(CompressionKind.None, encrypted: false, 0);
        Stored page = Encode(old, 5, Text());

        foreach (IPageCodec codec in new[] { now, nothing })
        {
            Assert.Equal(DecodeStatus.Success, Decode(codec, 5, page, out byte[] decoded).Status);
            Assert.Equal(Text(), decoded);
        }
    }

    [Fact]
    public void Without_the_secret_an_encrypted_page_is_refused()
    {
        using var withoutSecret = new PageCodecFactory(null);
        using IPageCodec codec = withoutSecret.Create(default, Nguid);
        using IPageCodec encrypting = Codec(CompressionKind.None, encrypted: true, 0);
        Assert.Equal(DecodeStatus.NoKey, Decode(codec, 5, Encode(encrypting, 5, Text()), out _).Status);
        Assert.Equal((UInt128)0, codec.KeyIdentifier);
    }

    [Fact]
    public void A_damaged_compressed_page_is_refused_and_nothing_is_read_or_written_out_of_bounds()
    {
        const ulong seed = 6;
        var random = new SeededRandom(seed);
        foreach (CompressionKind compression in new[] { CompressionKind.Lz4, CompressionKind.Zstd })
        {
            using IPageCodec codec = Codec(compression, encrypted: false, 0);
            Stored page = Encode(codec, 0, Text());
            for (int run = 0; run < 2000; run++)
            {
                byte[] damaged = [.. page.Bytes];
                for (int i = 0; i < 4; i++)
                    damaged[random.Below(page.Form.Length)] = (byte)random.Next();
                var form = new StoredForm((ushort)random.Next());
                byte[] plain = new byte[4096];
                DecodeStatus status = codec.Decode(0, form, damaged, [], plain).Status;
                bool mayDecode = form.IsKnown && !form.HasEcc && (form.IsCompressed || form.Length == 4096);
                Assert.True(mayDecode || status != DecodeStatus.Success, $"seed {seed}, run {run}: {form}");
            }
        }
    }

    [Theory]
    [InlineData(0, 0xFFFF)]
    [InlineData(2, 0x03)]
    [InlineData(2, 0x00)]
    [InlineData(3, 0x01)]
    public void A_header_of_a_compressed_page_that_makes_no_sense_is_refused(int offset, int value)
    {
        using IPageCodec codec = Codec(CompressionKind.Lz4, encrypted: false, 0);
        Stored page = Encode(codec, 0, Text());
        page.Bytes[offset] = (byte)value;
        page.Bytes[offset + 1] |= (byte)(value >> 8);
        Assert.Equal(DecodeStatus.Damaged, Decode(codec, 0, page, out _).Status);
    }

    [Theory]
    [MemberData(nameof(EveryTransform))]
    public void A_page_allocates_nothing(CompressionKind compression, bool encrypted, int corrected)
    {
        using IPageCodec codec = Codec(compression, encrypted, corrected);
        byte[] plain = Text(), stored = new byte[4096], parity = new byte[codec.ParityBytes];
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            StoredForm form = codec.Encode(1, plain, stored, parity);
            codec.Decode(1, form, stored, parity, plain);
        }
    }

    private IPageCodec Codec(CompressionKind compression, bool encrypted, int corrected) => _factory.Create(
        new PageTransforms { Compression = compression, IsEncrypted = encrypted, CorrectedBits = corrected }, Nguid);

    private static Stored Encode(IPageCodec codec, ulong dataUnit, byte[] plain)
    {
        byte[] stored = Noise(99), parity = new byte[codec.ParityBytes];
        return new Stored(codec.Encode(dataUnit, plain, stored, parity), stored, parity);
    }

    private static DecodeResult Decode(IPageCodec codec, ulong dataUnit, Stored page, out byte[] plain)
    {
        plain = new byte[4096];
        return codec.Decode(dataUnit, page.Form, [.. page.Bytes], page.Parity, plain);
    }

    private static byte[] Text() => Encoding.ASCII.GetBytes(string.Concat(
        Enumerable.Range(0, 1000).Select(i => $"line {i * i} of a log; ")))[..4096];

    private static byte[] Noise(ulong seed)
    {
        byte[] bytes = new byte[4096];
        new SeededRandom(seed).Fill(bytes);
        return bytes;
    }

    /// <summary>Noise up to an offset and zeroes after it: about so many bytes once it is compressed.</summary>
    private static byte[] Prefixed(int noise)
    {
        byte[] bytes = Noise(8);
        bytes.AsSpan(noise).Clear();
        return bytes;
    }

    private sealed record Stored(StoredForm Form, byte[] Bytes, byte[] Parity);
}
