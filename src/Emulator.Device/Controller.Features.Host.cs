using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Features by which a host sets up its association. A controller reset forgets them.</summary>
public sealed partial class Controller
{
    private const uint SmartWarnings = 0xFF;

    /// <summary>Bits of FID 0Bh that a host may set.</summary>
    internal const uint KnownAsyncEventConfiguration = (uint)NoticesOffered | SmartWarnings;

    private int? _grantedIoQueues;
    private HostBehaviorSupport _hostBehavior;

    /// <summary>
    /// A host that never asked for queues may have all of them: over fabrics nothing is allocated before a queue connects.
    /// </summary>
    protected override int GrantedIoQueues => _grantedIoQueues ?? _drive.Options.MaxIoQueues;

    private void ForgetHostSettings()
    {
        _grantedIoQueues = null;
        _hostBehavior = default;
        AsyncEventConfiguration = 0;
        _slot.Features.Reset();
        FollowWriteCacheFeature();
        _reservationNotifications.Reset();
    }

    /// <summary>FID 07h (Base 2.1, 5.1.25.2.1). A queue over fabrics is a pair, so that both numbers are the same.</summary>
    private CommandOutcome SetNumberOfQueues(SimTime now, in SubmissionEntry entry)
    {
        ushort submissionQueues = (ushort)entry.Cdw11;
        ushort completionQueues = (ushort)(entry.Cdw11 >> 16);
        if (submissionQueues == ushort.MaxValue || completionQueues == ushort.MaxValue)
            return Failed(now, Status.InvalidField);
        if (HasIoQueues)
            return Failed(now, Status.CommandSequenceError);

        int wanted = Math.Min(submissionQueues, completionQueues) + 1;
        _grantedIoQueues ??= Math.Min(wanted, _drive.Options.MaxIoQueues);
        return CommandOutcome.Success(now, QueuesGranted(FeatureSelect.Current));
    }

    private uint QueuesGranted(FeatureSelect select)
    {
        int queues = select == FeatureSelect.Current ? GrantedIoQueues : _drive.Options.MaxIoQueues;
        return (uint)(queues - 1) * 0x1_0001;
    }

    /// <summary>FID 0Bh (Base 2.1, 5.1.25.1.5). An event whose condition holds already is sent at once.</summary>
    private CommandOutcome SetAsyncEventConfiguration(SimTime now, in SubmissionEntry entry)
    {
        if ((entry.Cdw11 & ~KnownAsyncEventConfiguration) != 0)
            return Failed(now, Status.InvalidField);
        AsyncEventConfiguration = entry.Cdw11;
        RaiseCriticalWarnings();
        return CommandOutcome.Success(now);
    }

    /// <summary>FID 0Eh (Base 2.1, 5.1.25.1.7).</summary>
    private CommandOutcome SetTimestamp(SimTime now, Span<byte> data)
    {
        if (data.Length < Timestamp.Size)
            return Failed(now, Status.DataSglLengthInvalid);
        _drive.Events.Record(now, Id, PersistentEventType.TimestampChange, new TimestampChangeEvent
        {
            Ptstp = _drive.Clock.At(now),
            Msr = (ulong)(now.Nanoseconds / 1_000_000),
        });
        _drive.Clock.Set(now, WireStruct.Read<Timestamp>(data[..Timestamp.Size]).Milliseconds);
        return CommandOutcome.Success(now);
    }

    private CommandOutcome GetTimestamp(SimTime now, FeatureSelect select, Span<byte> data)
    {
        Timestamp timestamp = select == FeatureSelect.Current ? _drive.Clock.At(now) : default;
        CopyFitting(WireStruct.Bytes(ref timestamp), data);
        return CommandOutcome.Success(now);
    }

    /// <summary>FID 0Fh (Base 2.1, 5.1.25.1.8).</summary>
    private CommandOutcome SetKeepAliveTimer(SimTime now, in SubmissionEntry entry)
    {
        SetKeepAliveTimeout(now, entry.Cdw11);
        _drive.Schedule();
        return CommandOutcome.Success(now);
    }

    /// <summary>FID 16h (Base 2.1, 5.1.25.1.14): flags, of which none changes what this controller does.</summary>
    private CommandOutcome SetHostBehavior(SimTime now, Span<byte> data)
    {
        const int flags = 4;
        if (data.Length < HostBehaviorSupport.Size)
            return Failed(now, Status.DataSglLengthInvalid);
        if (data[..flags].ContainsAnyExceptInRange((byte)0, (byte)1))
            return Failed(now, Status.InvalidField);
        _hostBehavior = WireStruct.Read<HostBehaviorSupport>(data[..HostBehaviorSupport.Size]);
        _hostBehavior.Cdfe = (ushort)(_hostBehavior.Cdfe & 0b1_1100);
        return CommandOutcome.Success(now);
    }

    private CommandOutcome GetHostBehavior(SimTime now, FeatureSelect select, Span<byte> data)
    {
        HostBehaviorSupport behavior = select == FeatureSelect.Current ? _hostBehavior : default;
        CopyFitting(WireStruct.Bytes(ref behavior), data);
        return CommandOutcome.Success(now);
    }

    /// <summary>
    /// FID 81h (Base 2.1, 5.1.25.1.28): 128 bits, set by Connect. To set it to anything else is out of sequence.
    /// </summary>
    private CommandOutcome SetHostIdentifier(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const int length = 16;
        if ((entry.Cdw11 & 1) == 0)
            return Failed(now, Status.InvalidField);
        if (data.Length < length)
            return Failed(now, Status.DataSglLengthInvalid);
        bool same = BinaryPrimitives.ReadUInt128LittleEndian(data) == Host.HostId;
        return Ended(now, same ? Status.Success : Status.CommandSequenceError);
    }

    private CommandOutcome GetHostIdentifier(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        if ((entry.Cdw11 & 1) == 0)
            return Failed(now, Status.InvalidField);
        Span<byte> identifier = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(identifier, Host.HostId);
        CopyFitting(identifier, data);
        return CommandOutcome.Success(now);
    }

    private static void CopyFitting(ReadOnlySpan<byte> source, Span<byte> destination) =>
        source[..Math.Min(source.Length, destination.Length)].CopyTo(destination);
}
