namespace Emulator.Migration;

/// <summary>What tracking needs to know of a namespace.</summary>
public interface ITrackedNamespace
{
    uint Nsid { get; }

    /// <summary>Base-two logarithm of the bytes of a logical block.</summary>
    int BlockShift { get; }

    /// <summary>Logical blocks.</summary>
    ulong BlockCount { get; }

    /// <summary>
    /// How many granules are alike in whether everything in them reads as zero, from <paramref name="first"/> on.
    /// </summary>
    /// <param name="first">First granule, one that the namespace has.</param>
    /// <param name="count">Granules to look at; the last may reach beyond the end of the namespace.</param>
    /// <param name="granuleShift">Base-two logarithm of the bytes of a granule.</param>
    /// <param name="readAsZero">What these granules have in common.</param>
    /// <returns>1 to <paramref name="count"/>.</returns>
    ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero);
}
