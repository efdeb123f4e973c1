using Emulator.Migration;

namespace Emulator.Device;

/// <summary>A storage state that is on its way to a target.</summary>
internal sealed class StateUpload(VmTarget target)
{
    private byte[] _bytes = [];

    public VmTarget Target { get; } = target;

    /// <summary>Bytes that are there.</summary>
    public int Length { get; private set; }

    /// <returns>False if it becomes longer than any state is.</returns>
    public bool TryAppend(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length > StateWriter.MostBytes - Length)
            return false;
        if (_bytes.Length - Length < chunk.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + chunk.Length));
        chunk.CopyTo(_bytes.AsSpan(Length));
        Length += chunk.Length;
        return true;
    }

    /// <summary>All of it, for keeps.</summary>
    public ReadOnlyMemory<byte> Take() => _bytes.AsMemory(0, Length);
}
