using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Events of the drive's life (Base 2.1, 5.1.12.1.14), the newest first when it is read. The oldest are dropped when the
/// log has reached its size.
/// </summary>
internal sealed class PersistentEventLog(DriveOptions options, DriveClock clock)
{
    /// <summary>PELS, in units of 64 KiB.</summary>
    public const int SizeUnits = 1;

    private const int MostBytes = SizeUnits << 16;

    private static readonly PersistentEventType[] Supported =
    [
        PersistentEventType.FirmwareCommit,
        PersistentEventType.TimestampChange,
        PersistentEventType.PowerOnOrReset,
        PersistentEventType.ChangeNamespace,
        PersistentEventType.FormatNvmStart,
        PersistentEventType.FormatNvmCompletion,
        PersistentEventType.SanitizeStart,
        PersistentEventType.SanitizeCompletion,
    ];

    private readonly Queue<byte[]> _events = new();
    private int _bytes = PersistentEventLogHeader.Size;
    private ushort _generation;

    /// <param name="controllerId">The controller that the event is about, or that was asked.</param>
    public void Record<T>(SimTime now, ushort controllerId, PersistentEventType type, in T data)
        where T : unmanaged => Record(now, controllerId, type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in data)));

    public void Record(SimTime now, ushort controllerId, PersistentEventType type, ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[PersistentEventHeader.Size + data.Length];
        WireStruct.As<PersistentEventHeader>(record.AsSpan(0, PersistentEventHeader.Size)) = new PersistentEventHeader
        {
            Et = type,
            Etr = 1,
            Ehl = PersistentEventHeader.HeaderLength,
            Cntlid = controllerId,
            Etstp = clock.At(now),
            El = (ushort)data.Length,
        };
        data.CopyTo(record.AsSpan(PersistentEventHeader.Size));
        _events.Enqueue(record);
        _bytes += record.Length;
        while (_bytes > MostBytes)
            _bytes -= _events.Dequeue().Length;
        _generation++;
    }

    /// <summary>The page as it is now, for a reporting context.</summary>
    public byte[] Capture(SimTime now)
    {
        const long nanosecondsPerHour = 3_600_000_000_000;
        const uint contextExists = 1u << 18;
        byte[] page = new byte[_bytes];
        ref PersistentEventLogHeader header =
            ref WireStruct.As<PersistentEventLogHeader>(page.AsSpan(0, PersistentEventLogHeader.Size));
        header.Lid = (byte)LogPageId.PersistentEvent;
        header.Tnev = (uint)_events.Count;
        header.Tll = (ulong)_bytes;
        header.Lrev = 3;
        header.Lhl = PersistentEventLogHeader.Size - 20;
        header.Tstmp = clock.At(now);
        header.Poh = (ulong)(now.Nanoseconds / nanosecondsPerHour);
        header.Pwrcc = 1;
        TextField.WritePadded(header.Sn, options.SerialNumber);
        TextField.WritePadded(header.Mn, options.ModelNumber);
        TextField.TryWriteTerminated(header.Subnqn, options.SubsystemNqn);
        header.Gnum = _generation;
        header.Rci = contextExists;
        foreach (PersistentEventType type in Supported)
            header.Seb[(int)type / 8] |= (byte)(1 << ((int)type % 8));

        int offset = PersistentEventLogHeader.Size;
        foreach (byte[] record in _events.Reverse())
        {
            record.CopyTo(page, offset);
            offset += record.Length;
        }

        return page;
    }
}
