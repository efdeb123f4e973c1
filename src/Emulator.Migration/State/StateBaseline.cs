using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Emulator.Migration;

/// <summary>
/// What a storage state was when it was read, as digests of its attributes: enough to tell what changed since.
/// </summary>
public sealed class StateBaseline
{
    private readonly SortedDictionary<StateAttributeId, UInt128> _digests = [];

    /// <param name="generation">Of the state; a delta names it.</param>
    /// <param name="sections">Sections that it had. One that it had not is in a delta as a whole.</param>
    public StateBaseline(ulong generation, StateSections sections)
    {
        Generation = generation;
        Sections = sections;
    }

    public ulong Generation { get; }

    public StateSections Sections { get; }

    internal IEnumerable<StateAttributeId> Attributes => _digests.Keys;

    internal void Add(StateAttributeId id, UInt128 digest) => _digests.Add(id, digest);

    internal bool IsUnchanged(StateAttributeId id, UInt128 digest) =>
        _digests.TryGetValue(id, out UInt128 known) && known == digest;

    /// <summary>Half of a SHA-256: two values that differ have different ones for all that matters.</summary>
    internal static UInt128 DigestOf(ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
