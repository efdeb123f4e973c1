using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration.Copying;

/// <summary>Blocks that are numbers, 0 for one that is deallocated and UInt64.MaxValue for one that cannot be read.</summary>
internal sealed class FakeSource(ulong[] blocks, SeededRandom random) : ICopySource
{
    public uint Nsid => 1;

    public int BlockShift => 12;

    public ulong BlockCount => (ulong)blocks.Length;

    public bool IsAsBefore => true;

    public ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero)
    {
        int shift = granuleShift - BlockShift;
        readAsZero = IsZero(first, shift);
        ulong alike = 1;
        while (alike < count && IsZero(first + alike, shift) == readAsZero)
            alike++;
        return alike;
    }

    public CopyRead Read(SimTime now, ulong startLba, uint blockCount, Span<byte> destination)
    {
        bool isSuccess = true;
        for (int i = 0; i < (int)blockCount; i++)
        {
            ulong value = blocks[(int)startLba + i];
            isSuccess &= value != ulong.MaxValue;
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * FakePeer.BlockBytes)..], value);
        }

        return new CopyRead(now + SimDuration.FromMicroseconds(random.Below(3) * 50), isSuccess);
    }

    public StoredFormSupport FormSupport => default;

    public StoredRead ReadStored(SimTime now, ulong startLba, uint blockCount, Span<byte> destination) =>
        throw new NotSupportedException();

    public bool TryAddChanges(SimTime now, ushort snapshot, TwoLevelBitmap granules, int granuleShift) =>
        throw new NotSupportedException();

    public SimTime Checksum(SimTime now, ulong range, int rangeShift, Span<byte> digest) => throw new NotSupportedException();

    private bool IsZero(ulong granule, int shift)
    {
        int first = (int)granule << shift;
        int end = Math.Min(first + (1 << shift), blocks.Length);
        return !blocks.AsSpan(first..end).ContainsAnyExcept(0UL);
    }
}
