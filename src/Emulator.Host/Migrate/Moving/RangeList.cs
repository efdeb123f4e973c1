using System.Runtime.InteropServices;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>A list of ranges as log pages D3h, D4h and D7h have it, read in pieces.</summary>
internal sealed record RangeList(RangeListHeader Header, RangeListEntry[] Entries)
{
    private const int FirstPiece = 8 * 1024;
    private const int LaterPiece = 64 * 1024;

    /// <summary>More is no list that a drive could have latched.</summary>
    private const ulong MostEntries = 1 << 26;

    public bool IsTruncated => ((RangeListFlags)(uint)Header.Flags).HasFlag(RangeListFlags.Truncated);

    /// <param name="about">The VM, or for D7h the snapshot.</param>
    /// <param name="actions">ADVANCE and UNDO, which are carried out once.</param>
    /// <exception cref="LinkLostException">Whether the actions were carried out is not known.</exception>
    /// <exception cref="MigrateException">The drive refuses, or what it sent is no list.</exception>
    public static RangeList Read(MoverLink drive, LogPageId page, ushort about, byte actions = 0)
    {
        byte[] piece = new byte[FirstPiece];
        Ask(drive, page, about, actions, 0, piece);
        RangeListHeader header = WireStruct.Read<RangeListHeader>(piece);
        if (header.Version != 1 || header.EntrySize != RangeListEntry.Size || header.Ranges > MostEntries)
            throw new MigrateException($"log page {(byte)page:X2}h is no list of ranges");
        var entries = new RangeListEntry[(int)(ulong)header.Ranges];
        Span<byte> bytes = MemoryMarshal.AsBytes(entries.AsSpan());
        int have = Math.Min(bytes.Length, FirstPiece - RangeListHeader.Size);
        piece.AsSpan(RangeListHeader.Size, have).CopyTo(bytes);
        while (have < bytes.Length)
        {
            Span<byte> more = bytes[have..Math.Min(bytes.Length, have + LaterPiece)];
            Ask(drive, page, about, 0, RangeListHeader.Size + (ulong)have, more);
            have += more.Length;
        }

        return new RangeList(header, entries);
    }

    private static void Ask(MoverLink drive, LogPageId page, ushort about, byte actions, ulong offset, Span<byte> data)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(page, data.Length, offset);
        entry.Cdw10 |= (uint)actions << 8;
        entry.Cdw11 |= (uint)about << 16;
        drive.Succeed($"Get Log Page {(byte)page:X2}h", entry, data);
    }
}
