using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// The questions to the destination, in this order for each namespace and again on each connection: a Flush, the header of
/// the page, then as many checksums at a time as the destination computes without making its hosts wait for long.
/// </summary>
internal sealed partial class RangeComparison
{
    private const int DigestBytes = 32;
    private const int PatienceShift = 20;
    private const int MostDigests = 64;
    private const int NoSlot = -1;

    private readonly Answer[] _answers = [new(), new()];
    private IPeer? _peer;
    private ushort _targetThere;
    private int _granuleShiftThere;
    private int _mostDigests;
    private bool _isVolatile;
    private Step _step;
    private int _slot = NoSlot;
    private ulong _asked;
    private int _current;

    private enum Step
    {
        Flush,
        Header,
        Digests,
    }

    /// <summary>Checksums that were asked for: on their way while there is a slot.</summary>
    private sealed class Answer
    {
        public readonly byte[] Digests = new byte[MostDigests * DigestBytes];
        public int Slot = NoSlot;
        public int Count;
        public int Taken;
    }

    /// <summary>Goes on with a peer that is ready.</summary>
    /// <param name="granuleShiftThere">Base-two logarithm of the bytes of its granule.</param>
    /// <param name="mostBytes">The longest transfer that it takes.</param>
    /// <param name="isVolatile">It may lose what it acknowledged until it is asked to flush it.</param>
    public void Attach(IPeer peer, ushort targetThere, int granuleShiftThere, int mostBytes, bool isVolatile)
    {
        // Ranges that were compared are known by number: what a range is stays.
        if (BytesCompared == 0)
            _rangeShift = Math.Max(_rangeShift, granuleShiftThere);
        if (granuleShiftThere > _rangeShift || _rangeShift > VendorCommandSet.LongestChecksumShift)
            Problem = $"the destination tracks granules of {1L << granuleShiftThere} bytes";
        (_peer, _targetThere, _granuleShiftThere, _isVolatile) = (peer, targetThere, granuleShiftThere, isVolatile);
        int fitting = Math.Min((mostBytes - RangeListHeader.Size) / DigestBytes, MostDigests);
        _mostDigests = Math.Clamp(1 << Math.Max(0, PatienceShift - _rangeShift), 1, fitting);
        ForgetAnswers();
    }

    /// <summary>The connection is gone, and with it what was asked.</summary>
    public void Detach()
    {
        _peer = null;
        ForgetAnswers();
    }

    public bool Owns(IPeerQueue queue, int slot) =>
        _peer != null && (queue.Index != 0 ? _step == Step.Flush && slot == _slot : OwnsOfAdmin(slot));

    /// <summary>Asks what is to be asked next.</summary>
    public void Ask(SimTime now)
    {
        if (_peer == null || IsOver || Problem.Length > 0)
            return;
        if (_step == Step.Flush && !_isVolatile)
            _step = Step.Header;
        if (_step == Step.Digests)
            AskAhead(now);
        else if (_slot == NoSlot)
            AskFirst(now);
    }

    public void Completed(IPeerQueue queue, int slot, PeerCompletion completion)
    {
        if (!completion.Status.IsSuccess)
            (Problem, Status) = ($"the destination refused checksums: {completion.Status}", completion.Status);
        else if (_step != Step.Digests)
            Opened(queue.Buffer(slot), completion.Transferred);
        else
            Take(queue.Buffer(slot), slot, completion.Transferred);
        if (slot == _slot)
            _slot = NoSlot;
        queue.Release(slot);
    }

    private bool OwnsOfAdmin(int slot) =>
        (_step == Step.Header && slot == _slot) || _answers[0].Slot == slot || _answers[1].Slot == slot;

    /// <summary>What comes before checksums.</summary>
    private void AskFirst(SimTime now)
    {
        IPeerQueue queue = _step == Step.Flush ? _peer!.IoQueues[0] : _peer!.Admin;
        if (!queue.TryAcquire(out _slot))
            return;
        bool isFlush = _step == Step.Flush;
        queue.Entry(_slot) = isFlush
            ? new SubmissionEntry { Opcode = (byte)IoOpcode.Flush, Nsid = _sources[_source].Nsid }
            : Question(0, RangeListHeader.Size);
        queue.Submit(now, _slot, isFlush ? 0 : RangeListHeader.Size);
    }

    private void Opened(ReadOnlySpan<byte> data, int length)
    {
        if (_step == Step.Flush)
        {
            _step = Step.Header;
            return;
        }

        RangeListHeader header = length < RangeListHeader.Size ? default : WireStruct.Read<RangeListHeader>(data[..RangeListHeader.Size]);
        if (header.Version != 1 || header.EntrySize != DigestBytes || header.Ranges < RangesOf(_sources[_source]))
            Problem = "the destination's page of checksums is none";
        _step = Step.Digests;
    }

    private void AskAhead(SimTime now)
    {
        foreach (int at in (ReadOnlySpan<int>)[_current, 1 - _current])
        {
            Answer answer = _answers[at];
            ulong left = RangesOf(_sources[_source]) - _asked;
            if (answer.Count != 0 || left == 0 || !_peer!.Admin.TryAcquire(out answer.Slot))
                continue;
            answer.Count = (int)Math.Min(left, (uint)_mostDigests);
            answer.Taken = 0;
            int length = answer.Count * DigestBytes;
            _peer.Admin.Entry(answer.Slot) = Question(RangeListHeader.Size + (_asked * DigestBytes), length);
            _peer.Admin.Submit(now, answer.Slot, length);
            _asked += (uint)answer.Count;
        }
    }

    private SubmissionEntry Question(ulong offset, int length)
    {
        const int lspShift = 8;
        uint dwords = ((uint)length / sizeof(uint)) - 1;
        return new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.GetLogPage,
            Nsid = _sources[_source].Nsid,
            Cdw10 = (byte)LogPageId.RangeChecksums | ((uint)(_rangeShift - _granuleShiftThere) << lspShift) | (dwords << 16),
            Cdw11 = (dwords >> 16) | ((uint)_targetThere << 16),
            Cdw12And13 = offset,
        };
    }

    private void Take(ReadOnlySpan<byte> data, int slot, int length)
    {
        Answer answer = _answers[0].Slot == slot ? _answers[0] : _answers[1];
        int expected = answer.Count * DigestBytes;
        if (length < expected)
            Problem = "the destination's checksums are too few";
        else
            data[..expected].CopyTo(answer.Digests);
        answer.Slot = NoSlot;
    }

    /// <summary>The destination's checksum of the next range.</summary>
    private bool TryTakeDigest(out ReadOnlySpan<byte> digest)
    {
        Answer answer = _answers[_current];
        digest = default;
        if (answer.Count == 0 || answer.Slot != NoSlot || Problem.Length > 0)
            return false;
        digest = answer.Digests.AsSpan(answer.Taken * DigestBytes, DigestBytes);
        if (++answer.Taken == answer.Count)
        {
            answer.Count = 0;
            _current = 1 - _current;
        }

        return true;
    }

    private void ForgetAnswers()
    {
        foreach (Answer answer in _answers)
            (answer.Slot, answer.Count) = (NoSlot, 0);
        (_step, _slot, _asked, _current) = (Step.Flush, NoSlot, _range, 0);
    }
}
