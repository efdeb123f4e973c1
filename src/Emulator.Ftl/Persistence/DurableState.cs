using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// What the translation layer leaves on a medium that persists, beside spare areas: checkpoints and the journal. It
/// writes a chunk of the next checkpoint with every so many pages programmed, and with every so many bytes of journal,
/// so that a write costs little and a checkpoint is always complete before the journal is full.
/// </summary>
internal sealed partial class DurableState
{
    /// <summary>A chunk of 4 KiB for 64 KiB programmed: 6 percent more traffic, and a scan of two map sizes times 16.</summary>
    private const int ProgramsPerChunk = 16;

    private readonly Medium _medium;
    private readonly ICheckpointSource _source;
    private readonly SystemLayout _layout;
    private readonly byte[] _metadata;
    private readonly byte[] _snapshotList;
    private readonly Func<bool> _sync;
    private int _metadataLength;
    private ulong _pacedSequence;

    /// <summary>Up to here everything is durable from then on; and up to where the journal says so.</summary>
    private ulong _durableSequence;
    private SimTime _durableAt = SimTime.Zero;
    private ulong _toldSequence;
    private SimTime _programsDone = SimTime.Zero;

    public DurableState(Medium medium, MediumFormat format, ICheckpointSource source, SimDuration writeTime, FlashArray? clock)
    {
        _medium = medium;
        _source = source;
        _sync = medium.Sync;
        Format = format;
        _layout = new SystemLayout(format);
        _metadata = new byte[format.MetadataBytes];
        _snapshotList = new byte[format.SnapshotChunks == 0 ? 0 : format.MetadataBytes];
        Area = new SystemArea(medium, writeTime, clock);
        Journal = new Journal(Area, _layout, format.MetadataBytes);
        Checkpoint = new CheckpointWriter(Area, _layout, source, format.MetadataBytes);
    }

    public MediumFormat Format { get; }

    public SystemLayout Layout => _layout;

    public SystemArea Area { get; }

    public Journal Journal { get; }

    public CheckpointWriter Checkpoint { get; }

    /// <summary>The device's metadata, if it wants to have any kept.</summary>
    public IDeviceMetadata? Device { get; set; }

    /// <summary>What of the metadata was written last, or found.</summary>
    public ReadOnlySpan<byte> Metadata => _metadata.AsSpan(0, _metadataLength);

    /// <summary>Times that the medium was synchronised because the translation layer had to, not because a host asked.</summary>
    public long ForcedSyncs { get; private set; }

    /// <summary>The steps that are left out, to show that tests notice.</summary>
    public FtlDefects Defects { get; init; }

    public void TakeMetadata(ReadOnlySpan<byte> found)
    {
        found.CopyTo(_metadata);
        _metadataLength = found.Length;
    }

    /// <summary>Pages were programmed.</summary>
    /// <param name="done">When the last of them is.</param>
    public void Programmed(SimTime now, SimTime done)
    {
        _programsDone = SimTime.Max(_programsDone, done);
        ulong since = _source.Sequence - _pacedSequence;
        if (since < ProgramsPerChunk)
            return;
        _pacedSequence = _source.Sequence;
        Checkpoint.WriteChunks(now, (int)Math.Min(since / ProgramsPerChunk, int.MaxValue));
        if (!Checkpoint.AwaitsSync || _source.Sequence - Checkpoint.BeginSequence <= MostProgramsPerCheckpoint)
            return;
        if (!_medium.SyncsInBackground)
            ForceSync(now, withMetadata: false);
        else if (!IsSyncing)
            BeginForced(now, withMetadata: false);
    }

    /// <summary>A logical page was trimmed.</summary>
    public void Trimmed(SimTime now, LogicalPage page, ulong sequence)
    {
        if ((Defects & FtlDefects.TrimsUnrecorded) == 0 && Journal.NoteTrim(page, sequence))
            WriteGathered(now);
        SyncBeforeJournalIsFull(now);
    }

    /// <summary>A snapshot keeps a page.</summary>
    public void Kept(SimTime now, in KeptPage kept)
    {
        if ((Defects & FtlDefects.KeptUnrecorded) == 0 && Journal.NoteKept(kept))
            WriteGathered(now);
        SyncBeforeJournalIsFull(now);
    }

    /// <summary>Notes which snapshots there are from now on, or will be when they are made or deleted.</summary>
    /// <param name="without">One that is about to be deleted; null for none.</param>
    /// <returns>False if that cannot be noted.</returns>
    public bool WriteSnapshots(SimTime now, SnapshotTable snapshots, SnapshotMap? without)
    {
        int length = SnapshotList.WriteTo(snapshots, without, _snapshotList);
        if (length < 0 || !WriteGathered(now) || (!Journal.HasRoomFor(length) && !FinishCheckpoint(now)))
            return false;
        bool written = Journal.Append(
            now, SimTime.Max(now, _programsDone), JournalKind.Snapshots, _snapshotList.AsSpan(0, length));
        KeepPaceWithJournal(now);
        return written;
    }

    /// <summary>A superblock was erased.</summary>
    /// <param name="isRetired">It could not be, and is not used any more.</param>
    public void Erased(SimTime now, int superblock, int eraseCount, bool isRetired)
    {
        if (Journal.NoteErase(superblock, eraseCount, isRetired))
            WriteGathered(now);
    }

    /// <summary>Makes everything up to here survive: what is programmed, the journal, then the medium.</summary>
    /// <param name="withMetadata">Whether the device's metadata has changed.</param>
    /// <returns>When it does.</returns>
    public MediumResult MakeDurable(SimTime now, bool withMetadata)
    {
        if (!Prepare(now, withMetadata) || !SyncMedium())
            return new MediumResult(now, MediumStatus.WriteFault);
        Settle(now, _prepared);
        return MediumResult.Success(_prepared.Done);
    }

    /// <summary>Makes everything up to here survive for the translation layer's own sake.</summary>
    public MediumResult ForceSync(SimTime now, bool withMetadata)
    {
        ForcedSyncs++;
        return MakeDurable(now, withMetadata);
    }

    /// <summary>A checkpoint of this moment, written at once; the journal begins anew with it.</summary>
    /// <returns>False if it could not be written.</returns>
    public bool WriteWhole(SimTime now, ulong generation, CheckpointFlags flags)
    {
        RefreshMetadata();
        Journal.ForgetGathered();
        Checkpoint.Begin(generation, Journal.NextOrdinal, Metadata, now);
        if (Checkpoint.Finish(now, _programsDone, flags, _sync) is not { } done)
            return false;
        Journal.Begin(generation, Journal.NextOrdinal, done);
        if (flags == CheckpointFlags.None)
            BeginNext(done);
        return true;
    }

    /// <summary>After a mount that found all in order: begins the checkpoint after the one that was found.</summary>
    public void Continue(ulong generation, ulong nextOrdinal)
    {
        Journal.Begin(generation, nextOrdinal, SimTime.Zero);
        Check.That(Journal.Append(SimTime.Zero, SimTime.Zero, JournalKind.Mounted, []) && _medium.Sync());
        BeginNext(SimTime.Zero);
    }

    /// <summary>Of a half: the checkpoint is all written at half of it.</summary>
    private long MostJournalBeforeSync => _layout.JournalBytes / 8 * 5;

    private ulong MostProgramsPerCheckpoint => 3UL * ProgramsPerChunk * (ulong)Checkpoint.ChunkCount;

    private bool Commit(SimTime now)
    {
        MediumResult committed = _source.Commit(now);
        _programsDone = SimTime.Max(_programsDone, committed.Done);
        return committed.IsSuccess;
    }

    private bool WriteGathered(SimTime now)
    {
        if (Journal.IsNearlyFull && !FinishCheckpoint(now))
            return false;
        if (!Journal.WriteGathered(now, now))
            return false;
        KeepPaceWithJournal(now);
        return true;
    }

    /// <summary>
    /// Notes what the last flush made durable, which could not be noted before it was: recovery tells pages that were lost
    /// from those that were never written to the end.
    /// </summary>
    private bool WriteDurable(SimTime now)
    {
        if (_durableSequence == _toldSequence)
            return true;
        if (!Journal.HasRoomFor(sizeof(ulong)) && !FinishCheckpoint(now))
            return false;
        Span<byte> sequence = stackalloc byte[sizeof(ulong)];
        MemoryMarshal.Write(sequence, in _durableSequence);
        if (!Journal.Append(now, SimTime.Max(now, _durableAt), JournalKind.Durable, sequence))
            return false;
        _toldSequence = _durableSequence;
        KeepPaceWithJournal(now);
        return true;
    }

    private bool WriteMetadata(SimTime now)
    {
        if (!RefreshMetadata() || (!Journal.HasRoomFor(_metadataLength) && !FinishCheckpoint(now)))
            return false;

        // Metadata may say that something is out of the way which what is being programmed has replaced.
        bool written = Journal.Append(now, SimTime.Max(now, _programsDone), JournalKind.Metadata, Metadata);
        KeepPaceWithJournal(now);
        return written;
    }

    /// <returns>False if there is more metadata than the medium was made for.</returns>
    private bool RefreshMetadata()
    {
        if (Device == null)
            return true;
        int length = Device.WriteTo(_metadata);
        if (length < 0)
            return false;
        _metadataLength = length;
        return true;
    }

    /// <summary>The checkpoint is all written by the time half of the journal's half is.</summary>
    private void KeepPaceWithJournal(SimTime now)
    {
        long due = 2 * Journal.Used * Checkpoint.ChunkCount / _layout.JournalBytes;
        if (due > Checkpoint.ChunksWritten)
            Checkpoint.WriteChunks(now, (int)Math.Min(due - Checkpoint.ChunksWritten, int.MaxValue));
    }

    private bool SyncMedium() => (Defects & FtlDefects.SyncsLeftOut) != 0 || _medium.Sync();

    /// <summary>The journal is full before the checkpoint is complete, which nobody synchronised for long.</summary>
    private bool FinishCheckpoint(SimTime now)
    {
        ForcedSyncs++;
        if (!Commit(now) || Checkpoint.Finish(now, SimTime.Max(_programsDone, Journal.Done), CheckpointFlags.None, _sync) is not { } done)
            return false;
        BeginNext(done);
        return true;
    }

    private void BeginNext(SimTime notBefore)
    {
        ulong generation = Checkpoint.Generation > Journal.Generation ? Checkpoint.Generation + 1 : Journal.Generation + 1;
        RefreshMetadata();
        Journal.Begin(generation, Journal.NextOrdinal, notBefore);
        Checkpoint.Begin(generation, Journal.NextOrdinal, Metadata, notBefore);
        _pacedSequence = _source.Sequence;
    }
}
