using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Persistent Event log page, LID 0Dh (Base 2.1, 5.1.12.1.14), through a reporting context of each controller.</summary>
public sealed partial class Controller
{
    private enum EventLogAction : byte
    {
        Read = 0,
        Establish = 1,
        Release = 2,
        EstablishAndReadHeader = 3,
    }

    /// <summary>The log as it was when the host established the context.</summary>
    private byte[]? _eventContext;

    private Status WriteEventLog(SimTime now, byte specific, ref LogPageReader page)
    {
        switch ((EventLogAction)(specific & 3))
        {
            case EventLogAction.Release:
                _eventContext = null;
                page.Skip(ulong.MaxValue);
                return Status.Success;
            case EventLogAction.Read when _eventContext == null:
            case EventLogAction.Establish or EventLogAction.EstablishAndReadHeader when _eventContext != null:
                return Status.CommandSequenceError;
            case EventLogAction.Read:
                page.Append(_eventContext);
                return Status.Success;
            case EventLogAction.Establish:
                page.Append(_eventContext = _drive.Events.Capture(now));
                return Status.Success;
            default:
                _eventContext = _drive.Events.Capture(now);
                page.Append(_eventContext.AsSpan(0, PersistentEventLogHeader.Size));
                return Status.Success;
        }
    }

    private void RecordReset(SimTime now, bool firmwareActivated)
    {
        Span<byte> data = stackalloc byte[PowerOnOrResetEvent.Size + ControllerResetInformation.Size];
        TextField.WritePadded(WireStruct.As<PowerOnOrResetEvent>(data[..PowerOnOrResetEvent.Size]).Frev, _drive.FirmwareRevision);
        WireStruct.As<ControllerResetInformation>(data[PowerOnOrResetEvent.Size..]) = new ControllerResetInformation
        {
            Cntlid = Id,
            Fa = (byte)(firmwareActivated ? 1 : 0),
            Oip = (byte)(_drive.IsSanitizing ? 2 : 0),
            Cpwrc = 1,
            Pom = (ulong)(now.Nanoseconds / 1_000_000),
            Ctstp = _drive.Clock.At(now),
        };
        _drive.Events.Record(now, Id, PersistentEventType.PowerOnOrReset, data);
    }
}
