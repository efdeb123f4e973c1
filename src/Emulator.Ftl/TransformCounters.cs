namespace Emulator.Ftl;

/// <summary>What the transforms of a namespace did.</summary>
public struct TransformCounters
{
    public long PagesEncoded;

    /// <summary>Pages that became smaller.</summary>
    public long PagesCompressed;

    /// <summary>Bytes that pages took on the medium, parity aside; before, each had 4096.</summary>
    public long BytesStored;

    public long PagesDecoded;

    /// <summary>Wrong bits that the error-correcting code put right.</summary>
    public long BitsCorrected;

    /// <summary>Pages that could not be decoded.</summary>
    public long PagesFailed;
}
