using System.Diagnostics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>Reads log page D3h as a host does: from its beginning with ADVANCE, then the rest of the list piece by piece.</summary>
internal sealed class DirtyRangesReader(DirtyRangesReader.SendCommand send)
{
    private byte[] _page = [];

    public delegate void SendCommand(in SubmissionEntry entry, Span<byte> data);

    /// <summary>Of all lists that were read last.</summary>
    public ulong Ranges { get; private set; }

    /// <summary>Logical blocks, likewise.</summary>
    public ulong Blocks { get; private set; }

    /// <summary>The longest of all commands, during which the drive does nothing else.</summary>
    public TimeSpan LongestCommand { get; private set; }

    /// <summary>Reads lists until one is whole.</summary>
    /// <param name="piece">Bytes of a command.</param>
    public void ReadAll(int piece)
    {
        (Ranges, Blocks, LongestCommand) = (0, 0, TimeSpan.Zero);
        RangeListHeader header;
        do
        {
            header = ReadList(piece);
            Ranges += header.Ranges;
            Blocks += header.Blocks;
        }
        while (((RangeListFlags)(uint)header.Flags & RangeListFlags.Truncated) != 0);
    }

    private RangeListHeader ReadList(int piece)
    {
        if (_page.Length < piece)
            _page = new byte[piece];
        Read(0, piece, VendorCommandSet.LspAdvance);
        RangeListHeader header = WireStruct.Read<RangeListHeader>(_page);
        long length = RangeListHeader.Size + ((long)(ulong)header.Ranges * RangeListEntry.Size);
        for (long offset = piece; offset < length; offset += piece)
            Read(offset, (int)Math.Min(piece, length - offset), actions: 0);
        return header;
    }

    private void Read(long offset, int bytes, byte actions)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmDirtyRanges, bytes, (ulong)offset);
        entry.Cdw10 |= (uint)actions << 8;
        long begin = Stopwatch.GetTimestamp();
        send(entry, _page.AsSpan(0, bytes));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
        if (elapsed > LongestCommand)
            LongestCommand = elapsed;
    }
}
