namespace Emulator.Spdk;

/// <summary>SPDK cannot do what was asked. The message says why, and where that is known what to do about it.</summary>
public sealed class SpdkException : Exception
{
    public SpdkException(string message)
        : base(message)
    {
    }

    /// <param name="error">A negative errno value.</param>
    internal SpdkException(string what, int error)
        : base($"{what}: {Describe(error)}")
    {
        Error = error;
    }

    /// <summary>The negative errno value that a function returned; 0 if it was none.</summary>
    public int Error { get; }

    internal static string Describe(int error) =>
        System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(-error) + $" ({-error})";
}
