namespace Emulator.Transforms;

/// <summary>
/// GF(2^13) by logarithms to the base of a root of x^13 + x^4 + x^3 + x + 1, which is primitive. An element is a
/// polynomial of degree below 13, bit i its coefficient of x^i; addition is exclusive or.
/// </summary>
internal static class GaloisField
{
    public const int Degree = 13;

    /// <summary>Elements other than zero, and the order of the root.</summary>
    public const int Order = (1 << Degree) - 1;

    private const int Polynomial = 0b10_0000_0001_1011;

    // Twice the period, so that the sum of two logarithms needs no reduction.
    private static readonly ushort[] Powers = new ushort[2 * Order];
    private static readonly ushort[] Logarithms = new ushort[Order + 1];

    static GaloisField()
    {
        int power = 1;
        for (int i = 0; i < Order; i++)
        {
            Powers[i] = Powers[i + Order] = (ushort)power;
            Logarithms[power] = (ushort)i;
            power <<= 1;
            if (power > Order)
                power ^= Polynomial;
        }
    }

    /// <param name="exponent">0 to twice <see cref="Order"/> minus one.</param>
    public static int Power(int exponent) => Powers[exponent];

    /// <param name="element">Not zero.</param>
    /// <returns>0 to <see cref="Order"/> minus one.</returns>
    public static int Logarithm(int element) => Logarithms[element];

    public static int Multiply(int a, int b) => a == 0 || b == 0 ? 0 : Powers[Logarithms[a] + Logarithms[b]];

    /// <param name="b">Not zero.</param>
    public static int Divide(int a, int b) => a == 0 ? 0 : Powers[Logarithms[a] + Order - Logarithms[b]];
}
