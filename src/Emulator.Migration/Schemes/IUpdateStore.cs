namespace Emulator.Migration;

/// <summary>
/// Where a log of updates is kept: neither on the source nor on the destination, since it is there for the day on which
/// the destination is lost. What is appended survives the process at once, and the machine once it was synchronised.
/// </summary>
public interface IUpdateStore : IDisposable
{
    /// <summary>Bytes that were appended.</summary>
    long Length { get; }

    /// <summary>Something that was to be appended or synchronised is not there, nor is anything that came later.</summary>
    bool HasFailed => false;

    /// <summary>How far it is synchronised, as <see cref="BeginSync"/> numbers it.</summary>
    long Synced => 0;

    /// <summary>Whoever waits for a synchronisation is woken when it is over, and need not look again and again.</summary>
    bool WakesWhenSynced => false;

    void Append(ReadOnlySpan<byte> data);

    /// <summary>Reads what was appended; the caller stays within <see cref="Length"/>.</summary>
    void Read(long offset, Span<byte> destination);

    /// <summary>Begins to synchronise what was appended so far.</summary>
    /// <returns>What <see cref="Synced"/> is at least when that is over.</returns>
    long BeginSync() => 0;

    /// <summary>Synchronises what was appended so far, and waits for it.</summary>
    void Sync()
    {
    }

    /// <summary>The log is not needed any more: nobody finds it again, even if the process dies right after.</summary>
    void Discard()
    {
    }
}

/// <summary>Where a drive keeps its logs of updates. It outlives the drive.</summary>
public interface IUpdateLogs
{
    /// <summary>The store that was created under a name and not discarded since; null if there is none.</summary>
    IUpdateStore? Find(string name);

    /// <summary>Makes an empty store; one of the same name is gone.</summary>
    /// <returns>Null if it cannot be made.</returns>
    IUpdateStore? Create(string name);
}
