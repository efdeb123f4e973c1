using Emulator.Core;

namespace Emulator.Flash.Rotating;

/// <summary>
/// Where a byte address lies on a disk: addresses begin on the outermost track and go through all surfaces of a
/// cylinder before the next. Outer zones have longer tracks than inner ones; all zones have the same number of
/// cylinders.
/// </summary>
internal sealed class DiskLayout
{
    private const int ZoneCount = 16;

    private readonly long[] _zoneStart = new long[ZoneCount + 1];
    private readonly int[] _trackBytes = new int[ZoneCount];
    private readonly int _surfaces;
    private readonly int _cylindersPerZone;

    public DiskLayout(RotatingDiskOptions options, long capacityBytes)
    {
        Check.That(capacityBytes > 0);
        _surfaces = options.Surfaces;
        long outer = options.OuterTrackBytes, inner = options.InnerTrackBytes;
        long bytesOfOneEach = 0;
        for (int zone = 0; zone < ZoneCount; zone++)
        {
            _trackBytes[zone] = (int)(outer - ((outer - inner) * zone / (ZoneCount - 1)));
            bytesOfOneEach += (long)_trackBytes[zone] * _surfaces;
        }

        _cylindersPerZone = (int)((capacityBytes + bytesOfOneEach - 1) / bytesOfOneEach);
        for (int zone = 0; zone < ZoneCount; zone++)
            _zoneStart[zone + 1] = _zoneStart[zone] + ((long)_trackBytes[zone] * _surfaces * _cylindersPerZone);
    }

    public int Cylinders => _cylindersPerZone * ZoneCount;

    public DiskPlace Find(long offset)
    {
        Check.That(offset >= 0 && offset < _zoneStart[ZoneCount]);
        int zone = 0;
        while (offset >= _zoneStart[zone + 1])
            zone++;
        long track = Math.DivRem(offset - _zoneStart[zone], _trackBytes[zone], out long inTrack);
        long firstTrack = (long)zone * _cylindersPerZone * _surfaces;
        return new DiskPlace(
            (zone * _cylindersPerZone) + (int)(track / _surfaces), firstTrack + track, (int)inTrack, _trackBytes[zone]);
    }
}

/// <param name="Cylinder">Counted from the outside.</param>
/// <param name="Track">Counted over all surfaces.</param>
/// <param name="InTrack">Bytes from the beginning of the track.</param>
/// <param name="TrackBytes">Bytes of the track.</param>
internal readonly record struct DiskPlace(int Cylinder, long Track, int InTrack, int TrackBytes);
