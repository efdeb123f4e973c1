using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Media;

/// <summary>
/// A medium in a sparse file, mapped into memory. What is stored is in the file at once, so that it outlives the process
/// however that ends; <see cref="Sync"/> makes it outlive the machine. Room on the disk is taken before a superblock is
/// programmed, since a store into a mapped file for which there is none would end the process, and given back when it is
/// erased. One process at a time has the file.
/// </summary>
public sealed unsafe class FileMedium : Medium
{
    private const long FilePageBytes = 4096;

    private readonly SafeFileHandle _file;
    private readonly FileLayout _layout;
    private readonly bool _syncs;
    private byte* _mapped;
    private readonly object _syncing = new();
    private readonly BackgroundSync? _background;
    private bool _failed;
    private int _reservedLast = -1;

    internal FileMedium(SafeFileHandle file, MediumFormat format, string path, MediumAccess access)
        : base(format.Geometry)
    {
        _file = file;
        _layout = new FileLayout(format);
        _syncs = access == MediumAccess.Durable;
        Path = path;
        bool writes = access != MediumAccess.ReadOnly;
        nint mapped = Libc.Map(
            0,
            (nuint)_layout.FileBytes,
            writes ? Libc.ProtectRead | Libc.ProtectWrite : Libc.ProtectRead,
            (writes ? Libc.MapShared : Libc.MapPrivate) | Libc.MapNoReserve,
            Descriptor,
            0);
        if (mapped == -1)
            throw new MediumException($"{path} cannot be mapped into memory: {Libc.ErrorText(Marshal.GetLastPInvokeError())}");
        _mapped = (byte*)mapped;
        _background = _syncs ? new BackgroundSync(Sync) : null;
    }

    public string Path { get; }

    public override byte* Data => _mapped + _layout.DataOffset;

    public override SpareArea* Spare => (SpareArea*)(_mapped + _layout.SpareOffset);

    public override byte* Parity => Geometry.ParityBytes == 0 ? null : _mapped + _layout.ParityOffset;

    public override byte* System => _mapped;

    public override long SystemBytes => _layout.SystemBytes;

    public override bool Persists => true;

    /// <summary>How long synchronisations took; to be read while nobody synchronises.</summary>
    public LatencyHistogram SyncTimes { get; } = new();

    /// <inheritdoc/>
    public override bool SyncsInBackground => _syncs;

    /// <summary>
    /// Called on another thread when a synchronisation in the background is over. When it is set no call of what it was
    /// before goes on.
    /// </summary>
    public Action? SyncEnded
    {
        set
        {
            if (_background != null)
                _background.Ended = value;
        }
    }

    /// <inheritdoc/>
    public override bool Sync()
    {
        if (!_syncs)
            return true;

        // One after the other: the kernel tells of an error once, to whichever call comes first.
        lock (_syncing)
        {
            if (_failed)
                return false;
            long started = global::System.Diagnostics.Stopwatch.GetTimestamp();
            int result;
            do
                result = Libc.SyncData(Descriptor);
            while (result != 0 && Marshal.GetLastPInvokeError() == Libc.Eintr);
            SyncTimes.Record(new SimDuration((long)global::System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalNanoseconds));

            // What the kernel could not write it may have dropped: no later success says that it is there.
            _failed = result != 0;
            return !_failed;
        }
    }

    /// <inheritdoc/>
    public override SyncTicket BeginSync() => _background!.Begin();

    /// <inheritdoc/>
    public override bool IsOver(SyncTicket sync) => _background?.IsOver(sync) ?? sync.IsNone;

    /// <inheritdoc/>
    public override bool EndSync(SyncTicket sync) => _background?.End(sync) ?? sync.IsNone;

    /// <inheritdoc/>
    public override bool Reserve(int superblock)
    {
        BeginWriting(_reservedLast);
        _reservedLast = superblock;
        return Reserve(_layout.SpareOffset, superblock, sizeof(SpareArea))
            && Reserve(_layout.ParityOffset, superblock, Geometry.ParityBytes)
            && Reserve(_layout.DataOffset, superblock, FlashGeometry.PageBytes);
    }

    /// <inheritdoc/>
    public override void Discard(int superblock)
    {
        _ = TryPunchHole(_layout.ParityOffset, superblock, Geometry.ParityBytes);
        _ = TryPunchHole(_layout.DataOffset, superblock, FlashGeometry.PageBytes);
        if (TryPunchHole(_layout.SpareOffset, superblock, sizeof(SpareArea)))
            return;

        // Holes cannot be punched, or a page of the file is shared with the next superblock.
        var spare = new Span<SpareArea>(Spare + Geometry.FirstPageOf(superblock).Value, Geometry.PagesPerSuperblock);
        Span<byte> bytes = MemoryMarshal.AsBytes(spare);
        if (bytes.ContainsAnyExcept((byte)0))
            bytes.Clear();
    }

    protected override void Dispose(bool disposing)
    {
        _background?.Dispose();
        if (_mapped != null)
            _ = Libc.Unmap(_mapped, (nuint)_layout.FileBytes);
        _mapped = null;
        _file.Dispose();
    }

    private int Descriptor => (int)_file.DangerousGetHandle();

    /// <summary>
    /// A superblock that was begun some time ago is written to the disk while the drive goes on, so that the next
    /// synchronisation has less to wait for. That it could not be begun is of no consequence.
    /// </summary>
    private void BeginWriting(int superblock)
    {
        if (superblock < 0 || !_syncs)
            return;
        (long start, long end) = RangeOf(_layout.DataOffset, superblock, FlashGeometry.PageBytes);
        _ = Libc.SyncRange(Descriptor, start, end - start, Libc.BeginWriting);
    }

    private bool Reserve(long partOffset, int superblock, int bytesOfPage)
    {
        (long start, long end) = RangeOf(partOffset, superblock, bytesOfPage);
        start = RoundedDown(start);
        end = RoundedUp(end);
        return start == end
            || Libc.Allocate(Descriptor, Libc.KeepSize, start, end - start) == 0
            || IsRoomLeft(end - start);
    }

    /// <returns>Whether all of the range is a hole now.</returns>
    private bool TryPunchHole(long partOffset, int superblock, int bytesOfPage)
    {
        (long start, long end) = RangeOf(partOffset, superblock, bytesOfPage);
        long first = RoundedUp(start);
        long last = RoundedDown(end);
        bool isPunched = first < last
            && Libc.Allocate(Descriptor, Libc.PunchHole | Libc.KeepSize, first, last - first) == 0;
        return isPunched && first == start && last == end;
    }

    private (long Start, long End) RangeOf(long partOffset, int superblock, int bytesOfPage)
    {
        long first = Geometry.FirstPageOf(superblock).Value;
        return (partOffset + (first * bytesOfPage), partOffset + ((first + Geometry.PagesPerSuperblock) * bytesOfPage));
    }

    /// <summary>For file systems that cannot allocate ahead: whether there is room enough at the moment.</summary>
    private bool IsRoomLeft(long bytes)
    {
        const long margin = 64 << 20;
        int error = Marshal.GetLastPInvokeError();
        return error == Libc.Eopnotsupp
            && new DriveInfo(global::System.IO.Path.GetDirectoryName(Path)!).AvailableFreeSpace > bytes + margin;
    }

    private static long RoundedUp(long offset) => (offset + FilePageBytes - 1) & -FilePageBytes;

    private static long RoundedDown(long offset) => offset & -FilePageBytes;
}
