using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// Where the bytes of a drive are: pages, their spare areas, and a system area for what the firmware keeps beside them.
/// A medium outlives the drive that uses it; after a loss of power another drive is built on it.
/// </summary>
public abstract unsafe class Medium(FlashGeometry geometry) : IDisposable
{
    public FlashGeometry Geometry { get; } = geometry;

    /// <summary>
    /// The contents of all pages, in order; null for a medium that keeps none, on which every page reads as zeroes.
    /// </summary>
    public abstract byte* Data { get; }

    /// <summary>A <see cref="SpareArea"/> for each page; zeroes on a new medium.</summary>
    public abstract SpareArea* Spare { get; }

    /// <summary>
    /// <see cref="FlashGeometry.ParityBytes"/> for each page; null without them and on a medium that keeps no contents.
    /// </summary>
    public abstract byte* Parity { get; }

    /// <summary>The parity beside a page; empty where there is none.</summary>
    public Span<byte> ParityOf(uint page) => Parity == null
        ? []
        : new Span<byte>(Parity + ((long)page * Geometry.ParityBytes), Geometry.ParityBytes);

    /// <summary>What the firmware keeps beside the pages; zeroes on a new medium.</summary>
    public abstract byte* System { get; }

    public abstract long SystemBytes { get; }

    /// <summary>
    /// Whether a later drive may find what this one leaves, so that it has to leave what recovery needs.
    /// </summary>
    public abstract bool Persists { get; }

    /// <summary>Takes all of its memory from the system now, if it is in memory.</summary>
    /// <exception cref="InsufficientMemoryException">The system does not have it.</exception>
    public virtual void Preallocate()
    {
    }

    /// <summary>What was stored up to here survives the machine.</summary>
    /// <returns>False if it may not, and then never again.</returns>
    public abstract bool Sync();

    /// <summary>Whether <see cref="BeginSync"/> may be called, which leaves the waiting to others.</summary>
    public virtual bool SyncsInBackground => false;

    /// <summary>Begins to make what was stored up to here survive the machine.</summary>
    public virtual SyncTicket BeginSync()
    {
        Check.Fail("this medium is synchronised while its owner waits");
        return default;
    }

    /// <summary>Whether a synchronisation is over, well or not.</summary>
    public virtual bool IsOver(SyncTicket sync) => true;

    /// <summary>Waits until a synchronisation is over.</summary>
    /// <returns>As <see cref="Sync"/>.</returns>
    public virtual bool EndSync(SyncTicket sync) => sync.IsNone;

    /// <summary>A superblock is about to be programmed: there has to be room for all of it.</summary>
    /// <returns>False when there is none.</returns>
    public virtual bool Reserve(int superblock) => true;

    /// <summary>A superblock is erased: its spare areas become zeroes, and its pages may be anything.</summary>
    public virtual void Discard(int superblock) =>
        new Span<SpareArea>(Spare + Geometry.FirstPageOf(superblock).Value, Geometry.PagesPerSuperblock).Clear();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
