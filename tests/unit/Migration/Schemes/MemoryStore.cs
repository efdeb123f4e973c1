using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>Keeps a log in memory.</summary>
internal sealed class MemoryStore : IUpdateStore
{
    public List<byte> Bytes { get; init; } = [];

    public long Length => Bytes.Count;

    public void Append(ReadOnlySpan<byte> data) => Bytes.AddRange(data);

    public void Read(long offset, Span<byte> destination) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Bytes).Slice((int)offset, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }
}
