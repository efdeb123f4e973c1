using Emulator.Core;

namespace Emulator.Flash;

/// <summary>A medium in memory, which ends with its process.</summary>
public sealed unsafe class MemoryMedium : Medium
{
    private readonly NativeMemoryBlock? _data;
    private readonly NativeMemoryBlock _spare;
    private readonly NativeMemoryBlock? _parity;
    private readonly NativeMemoryBlock? _system;

    /// <param name="systemBytes">Size of the system area.</param>
    /// <param name="keepsData">Whether pages keep their contents; large drives are simulated without.</param>
    /// <param name="persists">Whether another drive is built on the medium later, as after a loss of power.</param>
    public MemoryMedium(FlashGeometry geometry, long systemBytes = 0, bool keepsData = true, bool persists = false)
        : base(geometry)
    {
        Check.That(geometry.Problem() == null);
        _data = keepsData ? new NativeMemoryBlock(geometry.Bytes) : null;
        _spare = new NativeMemoryBlock(geometry.PageCount * sizeof(SpareArea));
        _parity = keepsData && geometry.ParityBytes > 0
            ? new NativeMemoryBlock(geometry.PageCount * geometry.ParityBytes)
            : null;
        _system = systemBytes > 0 ? new NativeMemoryBlock(systemBytes) : null;
        Persists = persists;
    }

    public override byte* Data => _data == null ? null : _data.Pointer;

    public override SpareArea* Spare => (SpareArea*)_spare.Pointer;

    public override byte* Parity => _parity == null ? null : _parity.Pointer;

    public override byte* System => _system == null ? null : _system.Pointer;

    public override long SystemBytes => _system?.Length ?? 0;

    public override bool Persists { get; }

    public override void Preallocate()
    {
        _data?.Populate();
        _spare.Populate();
        _parity?.Populate();
        _system?.Populate();
    }

    public override bool Sync() => true;

    protected override void Dispose(bool disposing)
    {
        _data?.Dispose();
        _spare.Dispose();
        _parity?.Dispose();
        _system?.Dispose();
    }
}
