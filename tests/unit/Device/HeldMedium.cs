using Emulator.Flash;

namespace Emulator.UnitTests.Device;

/// <summary>A medium in memory that is synchronised in the background for as long as the test says.</summary>
public sealed unsafe class HeldMedium(MemoryMedium memory) : Medium(memory.Geometry)
{
    private volatile uint _begun;
    private volatile uint _over;
    private volatile bool _fails;

    /// <summary>Synchronisations that were begun.</summary>
    public uint Begun => _begun;

    /// <summary>Synchronisations that somebody waited for, from beginning to end.</summary>
    public int Waits { get; private set; }

    public override byte* Data => memory.Data;

    public override SpareArea* Spare => memory.Spare;

    public override byte* Parity => memory.Parity;

    public override byte* System => memory.System;

    public override long SystemBytes => memory.SystemBytes;

    public override bool Persists => true;

    public override bool SyncsInBackground => true;

    /// <summary>The one that goes on is over.</summary>
    public void Release(bool fails = false)
    {
        _fails |= fails;
        _over = _begun;
    }

    public override bool Sync()
    {
        Waits++;
        return !_fails;
    }

    public override SyncTicket BeginSync() => new(++_begun);

    public override bool IsOver(SyncTicket sync) => sync.Number <= _over;

    public override bool EndSync(SyncTicket sync)
    {
        if (!IsOver(sync))
            Waits++;
        _over = Math.Max(_over, sync.Number);
        return !_fails;
    }

    protected override void Dispose(bool disposing) => memory.Dispose();
}
