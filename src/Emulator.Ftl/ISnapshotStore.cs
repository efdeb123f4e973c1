using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// A page store with snapshots: of a volume, which is a set of segments of 256 pages, as it is at an instant. Making one
/// copies nothing; a page that is replaced later stays where it is for as long as a snapshot needs it.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>Snapshots that there can be at the same time; 0 where none can be made.</summary>
    int MostSnapshots { get; }

    bool HasSnapshots { get; }

    /// <summary>Identifiers of all snapshots, in the order in which they were made.</summary>
    IEnumerable<ushort> Snapshots { get; }

    /// <summary>Gives segments to a volume, all that it has; volume 0 is none. A volume with snapshots stays as it is.</summary>
    void AssignVolume(uint volume, ReadOnlySpan<uint> segments);

    /// <summary>Makes a snapshot of a volume. What is written so far belongs to it.</summary>
    /// <param name="id">Not 0, and of no other snapshot.</param>
    /// <returns>False if there is no room to note it, or it could not be noted.</returns>
    bool CreateSnapshot(SimTime now, ushort id, uint volume);

    /// <summary>Deletes a snapshot; what it alone held is free.</summary>
    /// <returns>False if that could not be noted; then it is still there.</returns>
    bool DeleteSnapshot(SimTime now, ushort id);

    /// <summary>Pages that are held for a snapshot and not for an earlier one.</summary>
    long PagesHeld(ushort id);

    /// <summary>
    /// Pages that can be written although each takes room that nothing gives back; without snapshots there is always room.
    /// </summary>
    long RoomLeft { get; }

    /// <summary>Segments of which a page can be trimmed for the first time since a snapshot.</summary>
    long RoomToTrim { get; }

    /// <summary>
    /// How much of <see cref="RoomLeft"/> it takes to write pages that follow one another in a segment, or of
    /// <see cref="RoomToTrim"/> to trim them.
    /// </summary>
    int RoomNeeded(LogicalPage first, int count, bool isTrim);

    /// <summary>
    /// The first page of a run within a segment that changed since a snapshot, or that did not. A page that was trimmed and
    /// was not mapped before did not change.
    /// </summary>
    /// <returns>Pages before it; <paramref name="count"/> when there is none.</returns>
    int FirstChange(ushort id, LogicalPage first, int count, bool changed);

    /// <summary>The first page of a run within a segment that holds data in a snapshot, or that does not.</summary>
    /// <returns>Pages before it; <paramref name="count"/> when there is none.</returns>
    int FirstPage(ushort id, LogicalPage first, int count, bool mapped);

    /// <summary>In what form a page of a snapshot is stored.</summary>
    /// <returns>False for a page that is not mapped, or lost.</returns>
    bool TryGetForm(ushort id, LogicalPage page, out StoredForm form);

    /// <summary>Reads a page of a snapshot as the medium has it; its form is known.</summary>
    /// <param name="stored">Room for a whole page.</param>
    /// <param name="parity">Room for the parity of a page.</param>
    MediumResult ReadStored(SimTime now, ushort id, LogicalPage page, Span<byte> stored, Span<byte> parity);

    /// <summary>Makes a page what it is in a snapshot, by copying it within the medium. There has to be room.</summary>
    /// <returns>Uncorrectable for a page that the snapshot has lost, which is trimmed.</returns>
    MediumResult RestorePage(SimTime now, ushort id, LogicalPage page);
}
