using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// A namespace as the source of a scheme, and the front that the commands of hosts come through while one is under way.
/// </summary>
public interface ISchemeVolume : IBlockDevice, ISchemeSink, IDisposable
{
    uint Nsid { get; }

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    SimTime NextEvent { get; }

    /// <summary>No command of a host is under way.</summary>
    bool IsIdle { get; }

    /// <summary>Blocks that cannot be read, by anybody, until they are written.</summary>
    TwoLevelBitmap Unreadable { get; }

    /// <summary>What only the destination has; null where the scheme logs nothing.</summary>
    UpdateLog? Log { get; }

    bool HasLogFailed { get; }

    /// <summary>From the next command on hosts come through the scheme.</summary>
    void Engage(SchemeRun run);

    /// <summary>Tells the scheme what has completed.</summary>
    void Advance(SimTime now);

    /// <summary>A host writes blocks at the destination, there alone or there too.</summary>
    void WrittenThere(in BlockRequest request);

    /// <summary>The source has everything: new commands go to it as ever, those that are under way end as they began.</summary>
    void Bypass();

    /// <summary>The VM has left for good, or is back: the log is of no use any more.</summary>
    void DiscardLog();
}
