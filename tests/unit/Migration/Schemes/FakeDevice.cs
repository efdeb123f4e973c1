using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// A block device in virtual time whose commands take random times and may overtake one another. A command takes effect
/// when it is submitted, when it completes or, at random, at either.
/// </summary>
internal sealed class FakeDevice(SeededRandom random, FakeMedia media, int blocks) : ITestDevice
{
    public const int Shift = 9;

    private readonly EventQueue<int> _events = new(4096);
    private readonly Dictionary<int, Command> _commands = [];
    private bool _isDead;
    private bool _failsNextWrite;

    private readonly record struct Command(BlockRequest Request, Memory<byte> Data, bool TakesEffectLate);

    public byte[] Blocks { get; } = new byte[blocks << Shift];

    public int BlockShift => Shift;

    public ulong BlockCount => (ulong)blocks;

    public SimTime NextEvent => _events.NextDue;

    public byte[] Contents(SimTime now) => [.. Blocks];

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
    {
        Assert.True(request.End <= BlockCount);
        Assert.Equal(request.Operation is BlockOperation.Read or BlockOperation.Write ? (int)request.Blocks << Shift : 0, data.Length);
        bool isLate = random.Chance(50);
        if (!isLate && !_isDead)
            TakeEffect(request, data);
        _commands.Add(tag, new Command(request, data, isLate));
        _events.Add(now + (_isDead ? SimDuration.FromMicroseconds(1) : Latency()), tag);
    }

    public void Advance(SimTime now, Action<SimTime, int, bool> completed)
    {
        while (_events.TryTake(now, out int tag))
        {
            _commands.Remove(tag, out Command command);
            bool isFailedWrite = _failsNextWrite && command.Request.Changes && !SchemeRun.IsCopy(tag);
            _failsNextWrite &= !isFailedWrite;
            bool isSuccess = !_isDead && !isFailedWrite;
            if (isSuccess && command.TakesEffectLate)
                TakeEffect(command.Request, command.Data);
            completed(now, tag, isSuccess);
        }
    }

    public void Die() => _isDead = true;

    public void FailNextWrite() => _failsNextWrite = true;

    public void Dispose()
    {
    }

    public bool IsBeingWritten(ulong lba) =>
        _commands.Values.Any(command => command.Request.Changes && command.Request.StartLba <= lba && lba < command.Request.End);

    private SimDuration Latency() => media == FakeMedia.Ssd
        ? SimDuration.FromMicroseconds(20 + random.Below(200))
        : SimDuration.FromMicroseconds(500 + random.Below(9_000));

    private void TakeEffect(in BlockRequest request, Memory<byte> data)
    {
        Span<byte> at = Blocks.AsSpan((int)request.StartLba << Shift, (int)request.Blocks << Shift);
        if (request.Operation == BlockOperation.Write)
            data.Span.CopyTo(at);
        else if (request.Operation == BlockOperation.Zero)
            at.Clear();
        else if (request.Operation == BlockOperation.Read)
            at.CopyTo(data.Span);
    }
}

public enum FakeMedia
{
    Ssd,
    Hdd,
}
