using System.Globalization;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;
using Emulator.Wire;
using Spectre.Console;

namespace Emulator.Host.Snapshots;

/// <summary>Prints snapshots and images of them.</summary>
internal static class SnapshotTables
{
    public static void Print(IAnsiConsole console, (SnapshotListHeader Header, SnapshotListEntry[] Entries) list)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string column in new[] { "id", "namespace", "made", "size", "holds", "" })
            table.AddColumn(column);
        foreach (SnapshotListEntry entry in list.Entries)
        {
            table.AddRow(
                Text(entry.Id.Value), Text(entry.Nsid.Value), Moment(entry.Created),
                new ByteSize((long)(entry.Blocks * entry.BlockBytes)).ToString(), DriveText.Rounded(entry.BytesHeld),
                Remark((SnapshotFlags)(ushort)entry.Flags));
        }

        console.Write(table);
        string left = list.Header.BytesLeft == ulong.MaxValue
            ? ""
            : $"; {DriveText.Rounded(list.Header.BytesLeft)} can be written where that takes room";
        console.WriteLine($"{list.Entries.Length} of {list.Header.Limit} snapshots that the drive can have{left}");
    }

    public static void Print(IAnsiConsole console, string path, in SnapshotImageHeader header)
    {
        string since = header.IsIncremental ? $", what changed since snapshot {header.Base} of {Moment(header.BaseCreated)}" : ", all of it";
        console.WriteLine($"{path}: snapshot {header.Snapshot} of {Moment(header.Created)}{since}");
        console.WriteLine(
            $"{header.Blocks} blocks of {header.BlockBytes} bytes, {header.DataPages} pages of 4 KiB with data, NGUID {Convert.ToHexStringLower(header.Nguid)}");
        console.WriteLine($"contents {Convert.ToHexStringLower(header.Contents)}");
        if (header.IsIncremental)
            console.WriteLine($"on top of {Convert.ToHexStringLower(header.BaseContents)}");
    }

    private static string Remark(SnapshotFlags flags) => flags switch
    {
        _ when flags.HasFlag(SnapshotFlags.InUse) => "a transfer uses it",
        _ when flags.HasFlag(SnapshotFlags.OtherFormat) => "the namespace has other blocks now",
        _ => "",
    };

    /// <summary>Without a host that sets its time the drive counts from when it was switched on.</summary>
    private static string Moment(ulong milliseconds)
    {
        const ulong year2000 = 946_684_800_000;
        const ulong year9999 = 253_402_300_799_999;
        return milliseconds is < year2000 or > year9999
            ? $"{Text(milliseconds / 1000)} s of the drive's clock"
            : DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds).ToString("u", CultureInfo.InvariantCulture);
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
