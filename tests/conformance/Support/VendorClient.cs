using System.Buffers.Binary;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// The vendor command set as a client uses it that was written from its specification: raw dwords, and bytes at offsets,
/// deliberately not the structures of the drive.
/// </summary>
internal sealed class VendorClient(HostController controller)
{
    private const byte SetFeaturesOpcode = 0x09;
    private const byte GetFeaturesOpcode = 0x0A;
    private const byte GetLogPageOpcode = 0x02;

    /// <summary>What nvme get-log cuts a page into.</summary>
    public const int PieceBytes = 4096;

    public HostController Controller => controller;

    public Status Set(byte feature, uint cdw11, uint cdw12 = 0, byte[]? data = null, uint cdw13 = 0, uint cdw14 = 0, uint cdw15 = 0, uint nsid = 0, uint cdw10Bits = 0) =>
        controller.Admin.Execute(
            new SubmissionEntry
            {
                Opcode = SetFeaturesOpcode,
                Nsid = nsid,
                Cdw10 = feature | cdw10Bits,
                Cdw11 = cdw11,
                Cdw12 = cdw12,
                Cdw13 = cdw13,
                Cdw14 = cdw14,
                Cdw15 = cdw15,
            },
            data ?? []).Status;

    public HostCompletion Get(byte feature, uint cdw11 = 0, byte[]? data = null, uint select = 0, uint cdw12 = 0, uint cdw14 = 0) =>
        controller.Admin.Execute(
            new SubmissionEntry
            {
                Opcode = GetFeaturesOpcode,
                Cdw10 = feature | (select << 8),
                Cdw11 = cdw11,
                Cdw12 = cdw12,
                Cdw14 = cdw14,
            },
            data ?? []);

    public Status TryGetLog(byte page, byte[] data, ulong offset = 0, byte lsp = 0, ushort lsi = 0, uint nsid = uint.MaxValue, uint cdw14 = 0)
    {
        uint dwords = (uint)(data.Length / 4) - 1;
        return controller.Admin.Execute(
            new SubmissionEntry
            {
                Opcode = GetLogPageOpcode,
                Nsid = nsid,
                Cdw10 = page | ((uint)lsp << 8) | (dwords << 16),
                Cdw11 = (dwords >> 16) | ((uint)lsi << 16),
                Cdw12 = (uint)offset,
                Cdw13 = (uint)(offset >> 32),
                Cdw14 = cdw14,
            },
            data).Status;
    }

    /// <summary>Reads in pieces of 4 KiB, each with the same LSP, as nvme get-log does.</summary>
    public byte[] GetLog(byte page, int length, byte lsp = 0, ushort lsi = 0)
    {
        byte[] whole = new byte[length];
        for (int at = 0; at < length; at += PieceBytes)
        {
            byte[] piece = new byte[Math.Min(PieceBytes, length - at)];
            Array.Fill(piece, (byte)0xA5);
            Assert.Equal(Status.Success, TryGetLog(page, piece, (ulong)at, lsp, lsi));
            piece.CopyTo(whole, at);
        }

        return whole;
    }

    /// <summary>Reads a state container of whatever length, D1h or D2h.</summary>
    public byte[] GetState(byte page, byte lsp = 0, ushort lsi = 0)
    {
        byte[] first = GetLog(page, PieceBytes, lsp, lsi);
        int length = (int)U64(first, 8);
        while (first.Length < length)
        {
            byte[] piece = new byte[PieceBytes];
            Status status = TryGetLog(page, piece, (ulong)first.Length, lsp, lsi);
            Assert.Equal(Status.Success, status);
            first = [.. first, .. piece];
        }

        return first[..length];
    }

    /// <summary>Feature D0h; the target is in bits 31:16.</summary>
    public Status SetMigration(uint bits, uint threshold = uint.MaxValue, ushort target = 0) =>
        Set(0xD0, bits | ((uint)target << 16), threshold);

    public void Migrate(uint bits, uint threshold = uint.MaxValue, ushort target = 0) =>
        Assert.Equal(Status.Success, SetMigration(bits, threshold, target));

    /// <summary>Feature D1h with one chunk.</summary>
    public Status SetState(byte[] chunk, uint bits = 3, uint offsetDwords = 0, ushort target = 0) =>
        Set(0xD1, bits | ((uint)target << 16), offsetDwords, chunk);

    public static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    public static ulong U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
