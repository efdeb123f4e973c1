using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>
/// How long operations take, from when each die and channel is free again: the finish of an operation is known when it
/// is asked for, at a constant cost and without an event. A die does one thing at a time, on all its planes at once,
/// and holds the data of a read until that is across the channel. Dies are numbered as consecutive pages go round them:
/// all channels first, so that a die's channel is its number modulo the channels.
/// </summary>
/// <remarks>
/// A host's read goes before the programs and erases that are queued, and may suspend a running one. Calls need not
/// come in the order of their times: what was reserved ahead leaves its idle time before it to later calls.
/// </remarks>
public sealed class FlashTiming
{
    private const int NominalSpeed = 256;

    /// <summary>Fraction bits of the nanoseconds that a byte takes on a channel.</summary>
    private const int TransferShift = 24;

    private readonly FlashTimingOptions _options;
    private readonly DieSchedule[] _dies;
    private readonly BusSchedule[] _channels;
    private readonly long[] _read;
    private readonly long[] _program;
    private readonly long _command;
    private readonly long _transferPerByte;

    public FlashTiming(int channels, int diesPerChannel, FlashTimingOptions options)
    {
        Check.That(channels > 0 && diesPerChannel > 0 && options.ChannelBytesPerSecond > 0);
        _options = options;
        _dies = new DieSchedule[channels * diesPerChannel];
        for (int i = 0; i < _dies.Length; i++)
            _dies[i].Slowdown = NominalSpeed;
        _channels = new BusSchedule[channels];
        for (int i = 0; i < channels; i++)
            _channels[i] = new BusSchedule();
        _read = Nanoseconds(options.Read);
        _program = Nanoseconds(options.Program);
        _command = options.Command.Nanoseconds;
        _transferPerByte = (long)((1_000_000_000.0 * (1 << TransferShift) / options.ChannelBytesPerSecond) + 0.5);
    }

    /// <inheritdoc cref="FlashTimingOptions.JoinsPlanes"/>
    public bool JoinsPlanes => _options.JoinsPlanes;

    public int DieCount => _dies.Length;

    public int ChannelCount => _channels.Length;

    /// <summary>Reads a page for the host: before what is queued on the die.</summary>
    /// <param name="bytes">What crosses the channel.</param>
    /// <param name="retries">How often the page is read again with shifted thresholds.</param>
    /// <param name="place">Where the page is; of use where planes join.</param>
    /// <returns>When the data is across the channel.</returns>
    public SimTime Read(SimTime now, int die, int bytes, PageType type, int retries = 0, PlanePlace place = default)
    {
        ref DieSchedule schedule = ref _dies[die];
        schedule.Use.Reads++;
        var work = new DieWork(_command, ReadArray(schedule, type, retries), Transfer(bytes), place);
        return new SimTime(schedule.Read(now.Nanoseconds, work, ref ChannelOf(die), _options));
    }

    /// <summary>Reads a page for the drive itself: behind what is queued on the die.</summary>
    /// <inheritdoc cref="Read"/>
    public SimTime ReadInBackground(SimTime now, int die, int bytes, PageType type, int retries = 0)
    {
        ref DieSchedule schedule = ref _dies[die];
        schedule.Use.Reads++;
        long array = ReadArray(schedule, type, retries);
        return Append(OperationKind.Read, now, die, Transfer(bytes), array);
    }

    /// <summary>Programs one page of a die, or one on each of its planes.</summary>
    /// <param name="bytes">What crosses the channel, of all planes together.</param>
    /// <param name="place">Where the page is; of use where planes join.</param>
    /// <returns>When the cells hold the data.</returns>
    public SimTime Program(SimTime now, int die, int bytes, PageType type, PlanePlace place = default)
    {
        ref DieSchedule schedule = ref _dies[die];
        schedule.Use.Programs++;
        return Append(OperationKind.Program, now, die, Transfer(bytes), Slowed(schedule, _program[(int)type]), place);
    }

    /// <summary>Erases a block of a die, or one of each of its planes.</summary>
    /// <returns>When the block may be programmed.</returns>
    public SimTime Erase(SimTime now, int die)
    {
        ref DieSchedule schedule = ref _dies[die];
        schedule.Use.Erases++;
        return Append(OperationKind.Erase, now, die, 0, Slowed(schedule, _options.Erase.Nanoseconds));
    }

    /// <summary>How long a program of a healthy die works in the cells.</summary>
    public SimDuration ProgramTime(PageType type) => _options.Program[type];

    /// <summary>How long an erase of a healthy die takes.</summary>
    public SimDuration EraseTime => _options.Erase;

    /// <summary>When everything asked of a die so far is done.</summary>
    public SimTime FreeAt(int die) => new(_dies[die].End);

    /// <summary>Makes a die slower from now on, as a fault: its array times are multiplied.</summary>
    /// <param name="factor">From 1/256 to 1000; 1 is a healthy die.</param>
    public void SlowDown(int die, double factor)
    {
        Check.That(factor is >= 1.0 / NominalSpeed and <= 1000);
        _dies[die].Slowdown = (int)(factor * NominalSpeed);
    }

    public ref readonly DieUse UseOfDie(int die) => ref _dies[die].Use;

    /// <summary>How long a channel carried commands and data.</summary>
    public SimDuration UseOfChannel(int channel) => new(_channels[channel].Busy);

    private SimTime Append(OperationKind kind, SimTime now, int die, long transfer, long array, PlanePlace place = default) =>
        new(_dies[die].Append(kind, now.Nanoseconds, new DieWork(_command, array, transfer, place), ref ChannelOf(die)));

    private ref BusSchedule ChannelOf(int die) => ref _channels[(uint)die % (uint)_channels.Length];

    private long Transfer(int bytes) => (bytes * _transferPerByte) >> TransferShift;

    private long ReadArray(in DieSchedule schedule, PageType type, int retries)
    {
        long once = _read[(int)type];
        return Slowed(schedule, retries == 0 ? once : once + (retries * (once + _options.RetryStep.Nanoseconds)));
    }

    private static long Slowed(in DieSchedule schedule, long array) =>
        schedule.Slowdown == NominalSpeed ? array : array * schedule.Slowdown / NominalSpeed;

    private static long[] Nanoseconds(PageTimes times) =>
        [times.Lsb.Nanoseconds, times.Csb.Nanoseconds, times.Msb.Nanoseconds, times.Tsb.Nanoseconds];
}
