using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>How it went to turn a stored page back into what the host wrote.</summary>
public enum DecodeStatus : byte
{
    Success,

    /// <summary>More bits are wrong than the code beside the page corrects.</summary>
    Uncorrectable,

    /// <summary>The stored bytes are none that this codec writes.</summary>
    Damaged,

    /// <summary>The page is encrypted and there is no key.</summary>
    NoKey,
}

/// <param name="CorrectedBits">Bits that the code put right.</param>
public readonly record struct DecodeResult(DecodeStatus Status, int CorrectedBits)
{
    public bool IsSuccess => Status == DecodeStatus.Success;
}

/// <summary>
/// What a namespace does to its pages on the way to the medium and back. A page is decoded by its form, not by what the
/// namespace is set to now: what was written under other settings stays readable.
/// </summary>
public interface IPageCodec : IDisposable
{
    /// <summary>Bytes beside a page that <see cref="Encode"/> fills; 0 without an error-correcting code.</summary>
    int ParityBytes { get; }

    /// <summary>Names the key without giving it away, so that two ends know whether they have the same; 0: no key.</summary>
    UInt128 KeyIdentifier { get; }

    /// <param name="dataUnit">Page number within the namespace; the same plaintext elsewhere is stored differently.</param>
    /// <param name="plain">One page.</param>
    /// <param name="stored">Room for one page. What the form does not count is zero.</param>
    /// <param name="parity">Room for <see cref="ParityBytes"/>.</param>
    StoredForm Encode(ulong dataUnit, ReadOnlySpan<byte> plain, Span<byte> stored, Span<byte> parity);

    /// <param name="dataUnit">As it was for <see cref="Encode"/>.</param>
    /// <param name="form">As the medium has it, not trusted.</param>
    /// <param name="stored">One page as the medium has it; bits that were wrong are put right.</param>
    /// <param name="parity">What the medium has beside it, empty if it keeps nothing there.</param>
    /// <param name="plain">Room for one page, of no use unless it went well.</param>
    DecodeResult Decode(
        ulong dataUnit, StoredForm form, Span<byte> stored, ReadOnlySpan<byte> parity, Span<byte> plain);
}
