using System.Buffers;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>What is wrong with a write to the system area.</summary>
public enum SystemAreaFault : byte
{
    None,

    /// <summary>The write is acknowledged and changes nothing.</summary>
    Lost,

    /// <summary>The write is acknowledged and changes the first half of its bytes.</summary>
    Torn,
}

/// <summary>What a write to the system area is part of.</summary>
public enum SystemWrite : byte
{
    CheckpointChunk,
    CheckpointHeader,
    Journal,
}

/// <summary>
/// Writes to the system area. Every write is read back. What is not done when the power is cut is torn, and what has
/// not begun by then never was.
/// </summary>
/// <param name="writeTime">How long a write takes.</param>
/// <param name="clock">
/// Knows what time has come; null if nothing takes time, so that the power cannot go before a write is done.
/// </param>
internal sealed unsafe class SystemArea(Medium medium, SimDuration writeTime, FlashArray? clock)
{
    private readonly List<Unfinished> _unfinished = [];
    private int _forgetAt = 256;
    private SystemAreaFault _fault;
    private SystemWrite _faultAt;

    private readonly record struct Unfinished(SimTime Start, SimTime Done, long Offset, byte[] Before, int Length);

    /// <summary>Writes that did not read back as they were written.</summary>
    public long FailedWrites { get; private set; }

    public ReadOnlySpan<byte> Read(long offset, int length) => Slice(offset, length);

    /// <param name="start">When the write begins; not before <paramref name="now"/>.</param>
    /// <returns>Whether the bytes read back, and when they are there.</returns>
    public bool Write(SimTime now, SimTime start, SystemWrite what, long offset, ReadOnlySpan<byte> bytes, out SimTime done)
    {
        done = start + writeTime;
        Span<byte> target = Slice(offset, bytes.Length);
        if (clock != null)
            Remember(clock.Present, start, done, offset, target);

        SystemAreaFault fault = what == _faultAt ? _fault : SystemAreaFault.None;
        if (fault == SystemAreaFault.None)
            bytes.CopyTo(target);
        else
            WriteFaulty(bytes, target);

        if (target.SequenceEqual(bytes))
            return true;
        FailedWrites++;
        return false;
    }

    /// <summary>The next write of a kind goes wrong.</summary>
    public void Inject(SystemAreaFault fault, SystemWrite at) => (_fault, _faultAt) = (fault, at);

    /// <summary>The power goes: undoes what has not begun and tears what is not done, newest first.</summary>
    public void PowerCut(SimTime at)
    {
        for (int i = _unfinished.Count - 1; i >= 0; i--)
        {
            Unfinished write = _unfinished[i];
            Span<byte> before = write.Before.AsSpan(0, write.Length);
            if (write.Start >= at)
                before.CopyTo(Slice(write.Offset, write.Length));
            else if (write.Done > at)
                before[(write.Length / 2)..].CopyTo(Slice(write.Offset + (write.Length / 2), write.Length - (write.Length / 2)));
        }

        _unfinished.Clear();
    }

    private void WriteFaulty(ReadOnlySpan<byte> bytes, Span<byte> target)
    {
        if (_fault == SystemAreaFault.Torn)
            bytes[..(bytes.Length / 2)].CopyTo(target);
        _fault = SystemAreaFault.None;
    }

    private void Remember(SimTime present, SimTime start, SimTime done, long offset, ReadOnlySpan<byte> before)
    {
        if (_unfinished.Count >= _forgetAt)
            Forget(present);
        byte[] copy = ArrayPool<byte>.Shared.Rent(before.Length);
        before.CopyTo(copy);
        _unfinished.Add(new Unfinished(start, done, offset, copy, before.Length));
    }

    private void Forget(SimTime before)
    {
        int kept = 0;
        for (int i = 0; i < _unfinished.Count; i++)
        {
            if (_unfinished[i].Done > before)
                _unfinished[kept++] = _unfinished[i];
            else
                ArrayPool<byte>.Shared.Return(_unfinished[i].Before);
        }

        _unfinished.RemoveRange(kept, _unfinished.Count - kept);
        _forgetAt = Math.Max(256, 2 * kept);
    }

    private Span<byte> Slice(long offset, int length)
    {
        Check.That((ulong)offset <= (ulong)medium.SystemBytes && (uint)length <= medium.SystemBytes - offset);
        return new Span<byte>(medium.System + offset, length);
    }
}
