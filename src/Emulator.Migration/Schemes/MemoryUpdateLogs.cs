using Emulator.Core;

namespace Emulator.Migration;

/// <summary>Logs of updates in memory, for drives that are in memory themselves: they survive a loss of power that is only played.</summary>
/// <param name="mostBytes">A log that would be longer fails.</param>
public sealed class MemoryUpdateLogs(long mostBytes) : IUpdateLogs
{
    private readonly Dictionary<string, Store> _stores = [];

    public IUpdateStore? Find(string name) => _stores.GetValueOrDefault(name);

    public IUpdateStore? Create(string name) => _stores[name] = new Store(() => _stores.Remove(name), mostBytes);

    private sealed class Store(Action discard, long mostBytes) : IUpdateStore
    {
        private const int PieceShift = 20;
        private const int PieceBytes = 1 << PieceShift;

        private readonly List<byte[]> _pieces = [];

        public long Length { get; private set; }

        public bool HasFailed { get; private set; }

        public void Append(ReadOnlySpan<byte> data)
        {
            HasFailed |= Length + data.Length > mostBytes;
            if (HasFailed)
                return;
            while (!data.IsEmpty)
            {
                int within = (int)Length & (PieceBytes - 1);
                if (within == 0)
                    _pieces.Add(new byte[PieceBytes]);
                int length = Math.Min(data.Length, PieceBytes - within);
                data[..length].CopyTo(_pieces[^1].AsSpan(within));
                data = data[length..];
                Length += length;
            }
        }

        public void Read(long offset, Span<byte> destination)
        {
            Check.That(offset >= 0 && destination.Length <= Length - offset);
            while (!destination.IsEmpty)
            {
                int within = (int)offset & (PieceBytes - 1);
                int length = Math.Min(destination.Length, PieceBytes - within);
                _pieces[(int)(offset >> PieceShift)].AsSpan(within, length).CopyTo(destination);
                destination = destination[length..];
                offset += length;
            }
        }

        public void Discard()
        {
            discard();
            _pieces.Clear();
            Length = 0;
        }

        /// <summary>The log stays for whoever looks for it.</summary>
        public void Dispose()
        {
        }
    }
}
