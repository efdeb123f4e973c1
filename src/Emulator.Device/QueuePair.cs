namespace Emulator.Device;

/// <summary>A submission queue and its completion queue, one transport connection each over fabrics.</summary>
public sealed class QueuePair
{
    private readonly bool _flowControl;
    private int _head;

    internal QueuePair(
        FabricsController controller, ushort id, int entries, bool flowControl, IQueueEndpoint endpoint)
    {
        Controller = controller;
        Id = id;
        Entries = entries;
        _flowControl = flowControl;
        Endpoint = endpoint;
    }

    public FabricsController Controller { get; }

    /// <summary>0 is the admin queue.</summary>
    public ushort Id { get; }

    public bool IsAdmin => Id == 0;

    /// <summary>Entries of the submission queue, 1-based; one fewer command can be outstanding under flow control.</summary>
    public int Entries { get; }

    /// <summary>
    /// Whether the host follows the submission queue head. If it asked for no flow control, a successful read
    /// may be completed by its last data PDU alone, since there is no head to report.
    /// </summary>
    public bool HasFlowControl => _flowControl;

    public IQueueEndpoint Endpoint { get; }

    /// <summary>
    /// Takes a command off the submission queue: the SQ Head Pointer for its completion (Base 2.1, 4.2.1), FFFFh where
    /// flow control is off (Base 2.1, 6.3).
    /// </summary>
    public ushort Fetch()
    {
        if (!_flowControl)
            return ushort.MaxValue;
        _head = _head + 1 == Entries ? 0 : _head + 1;
        return (ushort)_head;
    }
}
