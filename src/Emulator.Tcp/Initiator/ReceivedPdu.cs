using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>One PDU as it came over the wire.</summary>
/// <param name="Bytes">All of it, digests and padding included.</param>
public sealed record ReceivedPdu(byte[] Bytes)
{
    public CommonHeader Header => WireStruct.Read<CommonHeader>(Bytes);

    public PduType Type => Header.PduType;

    public bool Has(PduFlags flag) => (Header.Flags & flag) != 0;

    /// <summary>The header as the structure of its type.</summary>
    public T As<T>()
        where T : unmanaged => WireStruct.Read<T>(Bytes);

    /// <summary>The data behind the header, without padding and digest.</summary>
    public ReadOnlySpan<byte> Data =>
        Header.Pdo == 0 ? default : Bytes.AsSpan(Header.Pdo..(Bytes.Length - (Has(PduFlags.DataDigest) ? sizeof(uint) : 0)));

    /// <summary>Whether the digests that the flags announce are right.</summary>
    public bool DigestsHold =>
        (!Has(PduFlags.HeaderDigest) || DigestAt(Header.Hlen) == Crc32C.Compute(Bytes.AsSpan(0, Header.Hlen)))
        && (!Has(PduFlags.DataDigest) || DigestAt(Bytes.Length - sizeof(uint)) == Crc32C.Compute(Data));

    private uint DigestAt(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));
}
