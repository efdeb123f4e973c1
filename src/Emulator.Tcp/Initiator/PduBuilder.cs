using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// PDUs of a host as byte arrays, well formed, for callers that then break them. A changed header gets its digest
/// again with <see cref="SealHeader"/>.
/// </summary>
public static class PduBuilder
{
    public static byte[] IcReq(PduDigests digests = PduDigests.None, byte hpda = 0)
    {
        byte[] pdu = new byte[Wire.IcReq.Size];
        WireStruct.As<IcReq>(pdu) = new IcReq
        {
            Ch = new CommonHeader { PduType = PduType.IcReq, Hlen = Wire.IcReq.Size, Plen = Wire.IcReq.Size },
            Hpda = hpda,
            Dgst = digests,
        };
        return pdu;
    }

    /// <summary>A command capsule; data, if there is any, is in the capsule and the SGL says so.</summary>
    public static byte[] Capsule(
        SubmissionEntry entry, ReadOnlySpan<byte> data = default, PduDigests digests = PduDigests.None)
    {
        entry.Psdt = DataTransferFormat.SglWithMetadataBuffer;
        if (data.Length > 0)
            entry.Sgl1 = InCapsule((uint)data.Length);
        return CapsuleAsIs(entry, data, digests);
    }

    /// <summary>A command capsule whose SGL and flags are the caller's.</summary>
    public static byte[] CapsuleAsIs(
        in SubmissionEntry entry, ReadOnlySpan<byte> data = default, PduDigests digests = PduDigests.None)
    {
        byte[] pdu = Frame(PduType.CapsuleCmd, PduFlags.None, CapsuleCmd.Size, data, digests);
        WireStruct.As<CapsuleCmd>(pdu).Sqe = entry;
        SealHeader(pdu);
        return pdu;
    }

    public static byte[] H2CData(
        ushort commandId,
        ushort transferTag,
        int offset,
        ReadOnlySpan<byte> data,
        bool isLast,
        PduDigests digests = PduDigests.None)
    {
        PduFlags flags = isLast ? PduFlags.LastPdu : PduFlags.None;
        byte[] pdu = Frame(PduType.H2CData, flags, DataPdu.Size, data, digests);
        ref DataPdu header = ref WireStruct.As<DataPdu>(pdu);
        header.Cccid = commandId;
        header.Ttag = transferTag;
        header.Datao = (uint)offset;
        header.Datal = (uint)data.Length;
        SealHeader(pdu);
        return pdu;
    }

    public static byte[] H2CTermReq(FatalErrorStatus status, uint information, ReadOnlySpan<byte> header)
    {
        byte[] pdu = new byte[TermReq.Size + header.Length];
        WireStruct.As<TermReq>(pdu) = new TermReq
        {
            Ch = new CommonHeader { PduType = PduType.H2CTermReq, Hlen = TermReq.Size, Plen = (uint)pdu.Length },
            Fes = (ushort)status,
            Fei = information,
        };
        header.CopyTo(pdu.AsSpan(TermReq.Size));
        return pdu;
    }

    /// <summary>SGL descriptor of data in the capsule.</summary>
    public static SglDescriptor InCapsule(uint length) => new()
    {
        Length = length,
        Type = SglDescriptorType.DataBlock,
        SubType = SglSubType.Offset,
    };

    /// <summary>SGL descriptor of data that goes in data PDUs.</summary>
    public static SglDescriptor InDataPdus(uint length) => new()
    {
        Length = length,
        Type = SglDescriptorType.TransportDataBlock,
        SubType = SglSubType.TransportSpecific,
    };

    /// <summary>Computes the header digest again, if the PDU has one.</summary>
    public static void SealHeader(Span<byte> pdu)
    {
        CommonHeader header = WireStruct.Read<CommonHeader>(pdu);
        if ((header.Flags & PduFlags.HeaderDigest) != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu[header.Hlen..], Crc32C.Compute(pdu[..header.Hlen]));
    }

    /// <summary>Room for a header of the given length, data behind it, and the digests; the common header is filled in.</summary>
    private static byte[] Frame(
        PduType type, PduFlags flags, int headerLength, ReadOnlySpan<byte> data, PduDigests digests)
    {
        bool headerDigest = (digests & PduDigests.Header) != 0;
        bool dataDigest = (digests & PduDigests.Data) != 0 && data.Length > 0;
        int dataOffset = headerLength + (headerDigest ? sizeof(uint) : 0);
        byte[] pdu = new byte[dataOffset + data.Length + (dataDigest ? sizeof(uint) : 0)];
        WireStruct.As<CommonHeader>(pdu) = new CommonHeader
        {
            PduType = type,
            Flags = flags
                | (headerDigest ? PduFlags.HeaderDigest : PduFlags.None)
                | (dataDigest ? PduFlags.DataDigest : PduFlags.None),
            Hlen = (byte)headerLength,
            Pdo = (byte)(data.Length > 0 ? dataOffset : 0),
            Plen = (uint)pdu.Length,
        };
        data.CopyTo(pdu.AsSpan(dataOffset));
        if (dataDigest)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(dataOffset + data.Length), Crc32C.Compute(data));
        return pdu;
    }
}
