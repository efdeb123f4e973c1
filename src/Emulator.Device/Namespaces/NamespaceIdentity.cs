using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Emulator.Device;

/// <summary>
/// The identifiers of a namespace, as 16 or 8 bytes in the order in which they are transferred. They derive from the
/// subsystem NQN, the NSID and how often the NSID was given out before: two drives that carry one subsystem agree, and
/// a namespace that is deleted and made anew is another one.
/// </summary>
public sealed class NamespaceIdentity : IEquatable<NamespaceIdentity>
{
    /// <summary>Identifiers that a namespace had on another drive.</summary>
    public NamespaceIdentity(ReadOnlySpan<byte> nguid, ReadOnlySpan<byte> uuid, ReadOnlySpan<byte> eui64)
    {
        Nguid = nguid.ToArray();
        Uuid = uuid.ToArray();
        Eui64 = eui64.ToArray();
    }

    public NamespaceIdentity(string subsystemNqn, uint nsid, uint incarnation)
    {
        Uuid = Derive("uuid", 16);
        Uuid[6] = (byte)((Uuid[6] & 0x0F) | 0x80);
        Uuid[8] = (byte)((Uuid[8] & 0x3F) | 0x80);
        Nguid = Derive("nguid", 16);
        Eui64 = Derive("eui64", 8);

        byte[] Derive(string kind, int length)
        {
            byte[] name = Encoding.UTF8.GetBytes($"{kind}\n{subsystemNqn}\n");
            byte[] input = [.. name, .. new byte[8]];
            BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(name.Length), nsid);
            BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(name.Length + 4), incarnation);
            return SHA256.HashData(input)[..length];
        }
    }

    /// <summary>UUID of version 8 (RFC 9562, 5.8).</summary>
    public byte[] Uuid { get; }

    /// <summary>NGUID.</summary>
    public byte[] Nguid { get; }

    /// <summary>EUI64.</summary>
    public byte[] Eui64 { get; }

    public bool Equals(NamespaceIdentity? other) => other != null
        && Uuid.AsSpan().SequenceEqual(other.Uuid)
        && Nguid.AsSpan().SequenceEqual(other.Nguid)
        && Eui64.AsSpan().SequenceEqual(other.Eui64);

    public override bool Equals(object? obj) => Equals(obj as NamespaceIdentity);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Uuid);
}
