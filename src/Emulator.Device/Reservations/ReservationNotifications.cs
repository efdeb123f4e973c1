using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The queue of Reservation Notification log pages of one controller (Base 2.1, 5.1.12.1.32). A controller reset empties
/// it and begins the count anew.
/// </summary>
internal sealed class ReservationNotifications
{
    private const int MostQueued = 64;

    private readonly List<ReservationNotification> _queue = new(MostQueued);
    private readonly Dictionary<uint, uint> _masks = [];
    private ulong _count;
    private ReservationNotification _taken;

    /// <summary>The page that was taken last; empty when none was there.</summary>
    public ref readonly ReservationNotification Taken => ref _taken;

    /// <summary>FID 82h for a namespace: a bit for each type of notification that makes no log page.</summary>
    public uint MaskOf(uint nsid) => _masks.GetValueOrDefault(nsid);

    public void SetMask(uint nsid, uint mask) => _masks[nsid] = mask;

    /// <summary>
    /// Queues a notification. When there is no room it is lost, and the count of the last one in the queue says so.
    /// </summary>
    /// <returns>False if it is masked.</returns>
    public bool Add(uint nsid, ReservationNotificationType type)
    {
        if ((MaskOf(nsid) >> (int)type & 1) != 0)
            return false;

        _count = _count == ulong.MaxValue ? 1 : _count + 1;
        if (_queue.Count < MostQueued)
            _queue.Add(new ReservationNotification { Lpc = _count, Rnlpt = type, Nsid = nsid });
        else
            _queue[^1] = _queue[^1] with { Lpc = _count };
        return true;
    }

    /// <summary>Takes the oldest page off the queue.</summary>
    public void Take()
    {
        _taken = default;
        if (_queue.Count == 0)
            return;
        _taken = _queue[0] with { Nalp = (byte)Math.Min(_queue.Count - 1, byte.MaxValue) };
        _queue.RemoveAt(0);
    }

    /// <summary>Pages in the queue, the oldest first.</summary>
    public IEnumerable<ReservationNotification> Waiting => _queue;

    /// <summary>Takes the place of another queue, with its count; masks stay.</summary>
    public void TakeOver(IEnumerable<ReservationNotification> waiting)
    {
        _queue.Clear();
        _queue.AddRange(waiting.Take(MostQueued));
        if (_queue.Count > 0)
            _count = _queue[^1].Lpc;
    }

    public void Reset()
    {
        _queue.Clear();
        _masks.Clear();
        _count = 0;
        _taken = default;
    }
}
