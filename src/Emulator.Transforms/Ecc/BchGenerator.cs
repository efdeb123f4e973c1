using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>The generator polynomial: the product of the minimal polynomials of a^1, a^3 and so on to a^(2t-1).</summary>
internal static class BchGenerator
{
    /// <returns>Coefficients from the constant one up; the last is that of the degree, 13 t.</returns>
    public static bool[] Coefficients(int corrected)
    {
        bool[] product = [true];
        for (int i = 1; i < 2 * corrected; i += 2)
            product = Multiply(product, MinimalPolynomial(i));
        // Up to the largest t here, no two of the odd powers share a minimal polynomial, and each has the full degree.
        Check.That(product.Length == (GaloisField.Degree * corrected) + 1);
        return product;
    }

    /// <summary>The product of x + b over the conjugates b of a power of the root: b, b^2, b^4, ...</summary>
    private static bool[] MinimalPolynomial(int exponent)
    {
        int[] polynomial = [1];
        int conjugate = exponent;
        do
        {
            int root = GaloisField.Power(conjugate);
            int[] next = new int[polynomial.Length + 1];
            for (int i = 0; i < polynomial.Length; i++)
            {
                next[i + 1] ^= polynomial[i];
                next[i] ^= GaloisField.Multiply(polynomial[i], root);
            }

            polynomial = next;
            conjugate = conjugate * 2 % GaloisField.Order;
        }
        while (conjugate != exponent);

        Check.That(Array.TrueForAll(polynomial, coefficient => coefficient is 0 or 1));
        return Array.ConvertAll(polynomial, coefficient => coefficient == 1);
    }

    private static bool[] Multiply(bool[] a, bool[] b)
    {
        bool[] product = new bool[a.Length + b.Length - 1];
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < b.Length && a[i]; j++)
                product[i + j] ^= b[j];
        }

        return product;
    }
}
