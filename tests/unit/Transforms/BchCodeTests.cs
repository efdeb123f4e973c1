using Emulator.Core;
using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

public class BchCodeTests
{
    private const int Runs = 60;

    public static TheoryData<int, int> CodesAndLengths
    {
        get
        {
            var rows = new TheoryData<int, int>();
            foreach (int corrected in new[] { 1, 2, 4, 5, 8, 9, 16, 40 })
            {
                foreach (int length in new[] { 1, 4, 7, 8, 100, 511, 512 })
                    rows.Add(corrected, length);
            }

            return rows;
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(8, 13)]
    [InlineData(16, 26)]
    [InlineData(40, 65)]
    public void Parity_takes_thirteen_bits_for_each_corrected_one(int corrected, int bytes)
    {
        using var code = new BchCode(corrected);
        Assert.Equal(bytes, code.ParityBytes);
    }

    [Theory]
    [MemberData(nameof(CodesAndLengths))]
    public void Encoding_is_the_remainder_of_a_long_division(int corrected, int length)
    {
        using var code = new BchCode(corrected);
        var random = new SeededRandom((ulong)((corrected * 1000) + length));
        byte[] sector = Bytes(random, length);
        byte[] parity = new byte[code.ParityBytes];

        code.Encode(sector, parity);

        Assert.Equal(LongDivision(sector, Generator(code)), parity);
    }

    // The code corrects what it promises because its generator is zero at 2t powers in a row of a root of the field.
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(40)]
    public void The_generator_has_the_roots_that_make_the_distance(int corrected)
    {
        using var code = new BchCode(corrected);
        bool[] generator = Generator(code);
        int root = 1;
        for (int i = 1; i <= 2 * corrected; i++)
        {
            root = TimesX(root);
            int value = 0;
            for (int degree = generator.Length - 1; degree >= 0; degree--)
                value = Multiply(value, root) ^ (generator[degree] ? 1 : 0);
            Assert.Equal(0, value);
        }
    }

    [Theory]
    [MemberData(nameof(CodesAndLengths))]
    public void Up_to_as_many_errors_as_promised_are_corrected_and_counted(int corrected, int length)
    {
        using var code = new BchCode(corrected);
        ulong seed = (ulong)((corrected * 7919) + length);
        var random = new SeededRandom(seed);
        byte[] sector = Bytes(random, length);
        byte[] parity = new byte[code.ParityBytes];
        code.Encode(sector, parity);

        for (int run = 0; run < Runs; run++)
        {
            int errors = Math.Min(run % (corrected + 1), length);
            byte[] damaged = [.. sector], damagedParity = [.. parity];
            Flip(random, errors, damaged, damagedParity, 13 * corrected);

            int found = code.Decode(damaged, damagedParity);

            Assert.True(found == errors, $"seed {seed}, run {run}: {errors} errors, {found} found");
            Assert.Equal(sector, damaged);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void More_errors_are_noticed_or_end_in_another_codeword_but_never_in_a_half_corrected_one(int corrected)
    {
        using var code = new BchCode(corrected);
        var random = new SeededRandom((ulong)corrected);
        byte[] sector = Bytes(random, BchCode.SectorBytes);
        byte[] parity = new byte[code.ParityBytes];
        code.Encode(sector, parity);
        int noticed = 0;
        byte[] check = new byte[code.ParityBytes];

        for (int run = 0; run < 1000; run++)
        {
            byte[] damaged = [.. sector], damagedParity = [.. parity];
            Flip(random, corrected + 1 + (run % 4), damaged, damagedParity, 13 * corrected);
            byte[] before = [.. damaged];
            int found = code.Decode(damaged, damagedParity);
            Assert.NotEqual(0, found);
            if (found == BchCode.Uncorrectable)
            {
                noticed++;
                Assert.Equal(before, damaged);
                continue;
            }

            code.Encode(damaged, check);
            int away = Distance(damaged, before) + Distance(check, damagedParity);
            Assert.True(away == found && found <= corrected, $"run {run}: {found} corrected, {away} bits away");
        }

        // About one in t! looks like another codeword; with shortening fewer.
        int least = corrected switch { 1 => 400, 4 => 970, _ => 1000 };
        Assert.InRange(noticed, least, 1000);
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        using var code = new BchCode(8);
        byte[] sector = new byte[BchCode.SectorBytes];
        byte[] parity = new byte[code.ParityBytes];
        Work(code, sector, parity);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(code, sector, parity);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Work(BchCode code, byte[] sector, byte[] parity)
        {
            code.Encode(sector, parity);
            sector[77] ^= 0x18;
            parity[3] ^= 1;
            code.Decode(sector, parity);
        }
    }

    private static byte[] Bytes(SeededRandom random, int length)
    {
        byte[] bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    private static void Flip(SeededRandom random, int errors, byte[] sector, byte[] parity, int parityBits)
    {
        var flipped = new HashSet<int>();
        while (flipped.Count < errors)
        {
            int bit = random.Below((sector.Length * 8) + parityBits);
            if (!flipped.Add(bit))
                continue;
            (byte[] bytes, int at) = bit < sector.Length * 8 ? (sector, bit) : (parity, bit - (sector.Length * 8));
            bytes[at / 8] ^= (byte)(0x80 >> (at % 8));
        }
    }

    private static int Distance(byte[] a, byte[] b) =>
        a.Zip(b, (x, y) => int.PopCount(x ^ y)).Sum();

    /// <summary>Coefficients from the constant one up: the parity of x^0 is the generator without its highest term.</summary>
    private static bool[] Generator(BchCode code)
    {
        byte[] parity = new byte[code.ParityBytes];
        code.Encode([1], parity);
        int degree = 13 * code.Corrected;
        bool[] generator = new bool[degree + 1];
        generator[degree] = true;
        for (int i = 0; i < degree; i++)
            generator[degree - 1 - i] = (parity[i / 8] & (0x80 >> (i % 8))) != 0;
        return generator;
    }

    private static int TimesX(int element) => (element << 1) ^ (element >= 0x1000 ? 0x201B : 0);

    private static int Multiply(int a, int b)
    {
        int product = 0;
        for (; b != 0; b >>= 1, a = TimesX(a))
            product ^= (b & 1) != 0 ? a : 0;
        return product;
    }

    private static byte[] LongDivision(byte[] sector, bool[] generator)
    {
        int parityBits = generator.Length - 1;
        bool[] dividend = new bool[(sector.Length * 8) + parityBits];
        for (int i = 0; i < sector.Length * 8; i++)
            dividend[i] = (sector[i / 8] & (0x80 >> (i % 8))) != 0;
        for (int i = 0; i < sector.Length * 8; i++)
        {
            if (!dividend[i])
                continue;
            for (int j = 0; j <= parityBits; j++)
                dividend[i + j] ^= generator[parityBits - j];
        }

        byte[] parity = new byte[(parityBits + 7) / 8];
        for (int i = 0; i < parityBits; i++)
        {
            if (dividend[(sector.Length * 8) + i])
                parity[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        return parity;
    }
}
