using Emulator.Core;

namespace Emulator.Flash.Rotating;

/// <summary>
/// How long a disk takes: seek, rotation to where the data passes under the head, and transfer at the speed of the
/// zone. Where the platter stands follows from the time. Commands are served in the order of arrival; that a real disk
/// serves the nearest first is approximated by shorter positioning the more commands are outstanding (<see
/// cref="RotatingDiskOptions.QueueGain"/>), because every command's end is said when it arrives.
/// </summary>
public sealed class DiskMechanics
{
    private const int QueueLength = 32;

    private readonly RotatingDiskOptions _options;
    private readonly DiskLayout _layout;
    private readonly SeekCurve _seek;
    private readonly long _revolution;
    private readonly double[] _gain = new double[QueueLength + 1];
    private readonly long[] _promised = new long[QueueLength];
    private int _nextPromise;
    private long _free;
    private int _cylinder;
    private long _streamOffset = -1;
    private long _streamTime;
    private long _writtenTo = -1;

    public DiskMechanics(RotatingDiskOptions options, long capacityBytes)
    {
        Check.That(options.Problem() == null);
        _options = options;
        _layout = new DiskLayout(options, capacityBytes);
        _seek = SeekCurve.Through(options);
        _revolution = 60_000_000_000 / options.RevolutionsPerMinute;
        for (int n = 0; n < _gain.Length; n++)
            _gain[n] = Math.Pow(n + 1, -options.QueueGain);
    }

    /// <summary>How long the arm moved and the disk waited for the platter and carried data.</summary>
    public SimDuration Busy { get; private set; }

    public SimTime Read(SimTime now, long offset, int bytes)
    {
        _writtenTo = -1;
        long stream = offset + bytes - _streamOffset;
        if (_streamOffset >= 0 && offset >= _streamOffset && stream <= _options.ReadAheadBytes)
            return ReadOn(now, offset, bytes);

        SimTime done = Access(now, offset, bytes, SimDuration.Zero);
        _streamOffset = offset + bytes;
        _streamTime = done.Nanoseconds;
        return done;
    }

    public SimTime Write(SimTime now, long offset, int bytes)
    {
        _streamOffset = -1;
        SimTime done = offset == _writtenTo && now.Nanoseconds + _options.Command.Nanoseconds < _free
            ? WriteOn(offset, bytes)
            : Access(now, offset, bytes, _options.WriteSettle);
        _writtenTo = offset + bytes;
        return done;
    }

    /// <summary>A write that continues the one before while that is under way: the head stays down.</summary>
    private SimTime WriteOn(long offset, int bytes)
    {
        long time = TransferTime(offset, bytes);
        Busy += new SimDuration(time);
        _cylinder = _layout.Find(offset + bytes - 1).Cylinder;
        _free += time;
        return Promise(_free);
    }

    /// <summary>A read that continues the one before: the disk has read on, or is about to.</summary>
    private SimTime ReadOn(SimTime now, long offset, int bytes)
    {
        long passed = _streamTime + TransferTime(_streamOffset, (int)(offset - _streamOffset) + bytes);
        _streamTime = passed;
        _streamOffset = offset + bytes;
        _cylinder = _layout.Find(offset).Cylinder;
        _free = Math.Max(_free, passed);
        return Promise(Math.Max(now.Nanoseconds + _options.Command.Nanoseconds, passed));
    }

    private SimTime Access(SimTime now, long offset, int bytes, SimDuration settle)
    {
        DiskPlace place = _layout.Find(offset);
        long start = Math.Max(now.Nanoseconds + _options.Command.Nanoseconds, _free);
        double distance = Math.Abs(place.Cylinder - _cylinder) / (double)_layout.Cylinders;
        long arrived = start + _seek.At(distance) + settle.Nanoseconds;
        long wait = Modulo(AngleOf(place) - arrived);
        long positioned = start + (long)((arrived + wait - start) * _gain[Outstanding(now.Nanoseconds)]);
        long done = positioned + TransferTime(offset, bytes);
        Busy += new SimDuration(done - start);
        _cylinder = _layout.Find(offset + bytes - 1).Cylinder;
        _free = done;
        return Promise(done);
    }

    /// <summary>
    /// When in a revolution a place passes under the head. Each track begins later than the one before by the time of
    /// a switch, so that a transfer that goes on there loses no revolution.
    /// </summary>
    private long AngleOf(in DiskPlace place)
    {
        long skew = Modulo(place.Track * _options.TrackToTrackSeek.Nanoseconds);
        return skew + (long)((double)place.InTrack / place.TrackBytes * _revolution);
    }

    private long TransferTime(long offset, int bytes)
    {
        long time = 0;
        while (bytes > 0)
        {
            DiskPlace place = _layout.Find(offset);
            int here = Math.Min(bytes, place.TrackBytes - place.InTrack);
            time += (long)((double)here / place.TrackBytes * _revolution);
            if (here < bytes)
                time += _options.TrackToTrackSeek.Nanoseconds;
            offset += here;
            bytes -= here;
        }

        return time;
    }

    private int Outstanding(long now)
    {
        int count = 0;
        foreach (long end in _promised)
        {
            if (end > now)
                count++;
        }

        return count;
    }

    private SimTime Promise(long done)
    {
        _promised[_nextPromise] = done;
        _nextPromise = (_nextPromise + 1) % QueueLength;
        return new SimTime(done);
    }

    private long Modulo(long time)
    {
        long rest = time % _revolution;
        return rest < 0 ? rest + _revolution : rest;
    }
}
