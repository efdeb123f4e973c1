using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>From bytes to PDUs: the checks of the common header, digests, and reassembly (TCP Transport 1.1, 3.3.1, 3.6).</summary>
internal sealed unsafe partial class TargetConnection
{
    /// <summary>Receive calls before other connections get their turn.</summary>
    private const int RoundsPerPoll = 4;

    /// <summary>A payload with more than this to come is received straight into its buffer.</summary>
    private const int DirectReceiveBytes = 16 * 1024;

    /// <summary>The slot whose H2CData payload is arriving.</summary>
    private CommandSlot? _payloadSlot;
    private int _payloadRemaining;
    private uint _payloadDigest;
    private bool _payloadIsLast;

    private bool ReceivesDirectly => _payloadRemaining >= DirectReceiveBytes && _start == _end;

    private bool Receive(SimTime now)
    {
        bool active = false;
        for (int round = 0; round < RoundsPerPoll; round++)
        {
            // A full buffer means that answers could not be queued: the host has to take some first.
            int room = _inputSize - _end;
            if (room == 0 && !ReceivesDirectly)
                break;

            nint received = ReceiveOnce(room, out nint asked);
            if (received <= 0)
            {
                if (received == 0)
                    Close(now, "closed by the host");
                else if (Libc.LastError is not (Libc.Eagain or Libc.Eintr) and int error)
                    Close(now, "connection lost, error " + error);
                return active;
            }

            active = true;
            Parse(now);
            if (received < asked || _state is ConnectionState.Closed)
                break;
        }

        return active;
    }

    private nint ReceiveOnce(int room, out nint asked)
    {
        if (_state == ConnectionState.Closing)
        {
            _start = _end = 0;
            asked = _inputSize;
            return Libc.Receive(_fd, _input, (nuint)asked, Libc.MsgDontWait);
        }

        if (!ReceivesDirectly)
        {
            asked = room;
            nint received = Libc.Receive(_fd, _input + _end, (nuint)room, Libc.MsgDontWait);
            if (received > 0)
                _end += (int)received;
            return received;
        }

        return ReceivePayload(out asked);
    }

    /// <summary>The rest of a payload goes into the command's buffer, and what follows it into the flat one.</summary>
    private nint ReceivePayload(out nint asked)
    {
        CommandSlot slot = _payloadSlot!;
        int direct = _payloadRemaining;
        byte* target = slot.Buffer.Memory + slot.Received;
        Libc.IoVector* vectors = stackalloc Libc.IoVector[2];
        vectors[0] = new Libc.IoVector { Base = target, Length = (nuint)direct };
        vectors[1] = new Libc.IoVector { Base = _input, Length = (nuint)_inputSize };
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = 2 };
        asked = direct + _inputSize;
        nint received = Libc.ReceiveMessage(_fd, &message, Libc.MsgDontWait);
        if (received <= 0)
            return received;

        int forPayload = (int)Math.Min(received, direct);
        AccountPayload(slot, new ReadOnlySpan<byte>(target, forPayload));
        _start = 0;
        _end = (int)received - forPayload;
        return received;
    }

    private void Parse(SimTime now)
    {
        while (_state is ConnectionState.Initializing or ConnectionState.Open)
        {
            if (_payloadSlot != null && !TakePayload(now))
                break;
            if (!HasOutputRoom)
            {
                _stalled = true;
                break;
            }

            if (!TryTakePdu(now))
                break;
        }

        Compact();
    }

    /// <summary>Handles the next PDU if all of it, or for H2CData all of its header, is there.</summary>
    private bool TryTakePdu(SimTime now)
    {
        int available = _end - _start;
        if (available < CommonHeader.Size)
            return false;

        _pduStart = _start;
        ref readonly CommonHeader header = ref WireStruct.Read<CommonHeader>(Input(_start, CommonHeader.Size));
        if (!CheckCommonHeader(now, header))
            return false;
        int headerLength = header.Hlen + (HasHeaderDigest(header) ? DigestBytes : 0);
        int needed = header.PduType == PduType.H2CData ? headerLength : (int)header.Plen.Value;
        if (available < needed)
            return false;
        if (HasHeaderDigest(header) && !CheckHeaderDigest(now, header.Hlen))
            return false;

        int start = _start;
        _start += header.PduType == PduType.H2CData ? Math.Max(headerLength, (int)header.Pdo) : needed;
        if (header.PduType == PduType.H2CData && _start > _end)
        {
            _start = start;
            return false;
        }

        HandlePdu(now, header.PduType, start, needed);
        return true;
    }

    private void HandlePdu(SimTime now, PduType type, int start, int length)
    {
        switch (type)
        {
            case PduType.CapsuleCmd:
                HandleCapsule(now, start, length);
                break;
            case PduType.H2CData:
                HandleDataHeader(now, start);
                break;
            case PduType.IcReq:
                HandleInitialize(now, start);
                break;
            case PduType.H2CTermReq:
                Close(now, "terminated by the host");
                break;
            default:
                Check.Fail("a PDU type passed the check that has no handler");
                break;
        }
    }

    /// <summary>
    /// The rules of the common header. The order of PDUs comes first: what may not arrive at all is a sequence error
    /// whatever it looks like.
    /// </summary>
    private bool CheckCommonHeader(SimTime now, in CommonHeader header)
    {
        bool known = header.PduType is PduType.IcReq or PduType.H2CTermReq or PduType.CapsuleCmd or PduType.H2CData;
        if (!known)
            return Violate(now, FatalErrorStatus.InvalidPduHeaderField, PduTypeOffset, "unknown PDU type");
        if ((header.PduType == PduType.IcReq) != (_state == ConnectionState.Initializing))
            return Violate(now, FatalErrorStatus.PduSequenceError, 0, $"{header.PduType} out of sequence");

        int expectedHeader = header.PduType switch
        {
            PduType.IcReq => IcReq.Size,
            PduType.CapsuleCmd => CapsuleCmd.Size,
            _ => DataPdu.Size,
        };
        if (header.Hlen != expectedHeader)
            return Violate(now, FatalErrorStatus.InvalidPduHeaderField, HlenOffset, $"HLEN is {header.Hlen}");
        return CheckFlags(now, header) && CheckLength(now, header);
    }

    private bool CheckFlags(SimTime now, in CommonHeader header)
    {
        PduFlags allowed = header.PduType switch
        {
            PduType.CapsuleCmd => DigestFlags,
            PduType.H2CData => DigestFlags | PduFlags.LastPdu,
            _ => PduFlags.None,
        };
        bool carriesDigest = header.PduType is PduType.CapsuleCmd or PduType.H2CData;
        int overhead = header.Hlen + (_headerDigest ? DigestBytes : 0) + (HasDataDigest(header) ? DigestBytes : 0);
        bool needsDataDigest = _dataDigest && (header.PduType == PduType.H2CData || header.Plen > (uint)overhead);
        bool wrong = (header.Flags & ~allowed) != 0
            || (carriesDigest && HasHeaderDigest(header) != _headerDigest)
            || (carriesDigest && HasDataDigest(header) != needsDataDigest);
        return !wrong
            || Violate(now, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset, $"flags are {(byte)header.Flags:X2}h");
    }

    /// <summary>PLEN and PDO: bounded before anything is waited for, and consistent with one another.</summary>
    private bool CheckLength(SimTime now, in CommonHeader header)
    {
        uint length = header.Plen;
        int headerLength = header.Hlen + (HasHeaderDigest(header) ? DigestBytes : 0);
        int inCapsule = _queue is { IsAdmin: false }
            ? Math.Max(_subsystem!.InCapsuleDataBytes, AdminInCapsuleBytes)
            : AdminInCapsuleBytes;
        (long smallest, long largest) = header.PduType switch
        {
            PduType.IcReq => ((long)IcReq.Size, (long)IcReq.Size),
            PduType.H2CTermReq => (TermReq.Size, TermReq.MaximumPduLength),
            PduType.CapsuleCmd => ((long)headerLength, (long)headerLength + inCapsule + DigestBytes),
            _ => (headerLength + 1L, uint.MaxValue),
        };
        if (length < smallest || length > largest)
            return Violate(now, FatalErrorStatus.InvalidPduHeaderField, PlenOffset, $"PLEN is {length}");

        // CPDA is 0, so that data starts right after the header, or is not there.
        bool hasData = length > headerLength;
        bool misplaced = header.PduType switch
        {
            PduType.CapsuleCmd => hasData && header.Pdo != headerLength,
            PduType.H2CData => header.Pdo != headerLength,
            _ => false,
        };
        return !misplaced || Violate(now, FatalErrorStatus.InvalidPduHeaderField, PdoOffset, $"PDO is {header.Pdo}");
    }

    private bool CheckHeaderDigest(SimTime now, int headerLength)
    {
        uint computed = Crc32C.Compute(Input(_start, headerLength));
        uint received = WireStruct.Read<U32Le>(Input(_start + headerLength, DigestBytes));
        return computed == received
            || Violate(now, FatalErrorStatus.HeaderDigestError, received, "header digest does not match");
    }

    /// <summary>Moves what is left of a PDU to the front when the rest would not fit behind it.</summary>
    private void Compact()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > _inputSize / 2)
        {
            Input(_start, _end - _start).CopyTo(new Span<byte>(_input, _inputSize));
            _end -= _start;
            _start = 0;
        }
    }

    private ReadOnlySpan<byte> Input(int offset, int length) => new(_input + offset, length);

    private const PduFlags DigestFlags = PduFlags.HeaderDigest | PduFlags.DataDigest;
    private const int PduTypeOffset = 0;
    private const int FlagsOffset = 1;
    private const int HlenOffset = 2;
    private const int PdoOffset = 3;
    private const int PlenOffset = 4;

    private static bool HasHeaderDigest(in CommonHeader header) => (header.Flags & PduFlags.HeaderDigest) != 0;

    private static bool HasDataDigest(in CommonHeader header) => (header.Flags & PduFlags.DataDigest) != 0;
}
