using System.Globalization;
using Emulator.Ftl;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;
using Spectre.Console;

namespace Emulator.Host.Inspect;

/// <summary>Prints what there is on a medium.</summary>
internal static class InspectionTables
{
    /// <summary>Superblocks that are listed; a drive of some size has thousands.</summary>
    private const int MostSuperblocks = 64;

    public static void Print(IAnsiConsole console, InspectionReport report)
    {
        console.Write(Header(report));
        console.Write(Checkpoints(report));
        console.Write(Namespaces(report));
        console.Write(Superblocks(report));
        foreach (string step in report.Recovery.Steps)
            console.MarkupLineInterpolated($"- {step}");
        PrintVerdict(console, report);
    }

    private static Table Header(InspectionReport report)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(report.Path)) };
        table.AddColumns("", "");
        table.HideHeaders();
        var geometry = report.Format.Geometry;
        Row("format", $"version {Flash.MediumFormat.Version}, {report.Format.Id}");
        Row("drive", $"{report.Format.SubsystemNqn}, serial {report.Format.SerialNumber}");
        Row("capacity", $"{new ByteSize(report.Format.CapacityBytes)}, {report.Format.OverProvisioningPercent}% over-provisioning");
        Row("flash", $"{geometry.Channels} channels, {geometry.DiesPerChannel} dies each, {geometry.PlanesPerDie} planes each, "
            + $"{geometry.BlocksPerPlane} blocks of {geometry.PagesPerBlock} pages of {geometry.MapPagesPerFlashPage * 4} KiB");
        Row("file", $"system area {DriveText.Rounded((ulong)report.Layout.SystemBytes)}, spare areas at {report.Layout.SpareOffset}, data at {report.Layout.DataOffset}");
        Row("wear", string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Wear.LeastErases} to {report.Wear.MostErases} erases, {report.Wear.MeanErases:F1} on average"));
        Row("life", $"{report.Metadata.Health.PowerCycles} power cycles, {report.Metadata.Health.UnexpectedPowerLosses} without a shutdown, "
            + $"{DriveText.Rounded(report.Metadata.Health.BytesWritten)} written");
        return table;

        void Row(string name, string value) => table.AddRow(name, Markup.Escape(value));
    }

    private static Table Checkpoints(InspectionReport report)
    {
        var table = new Table { Title = new TableTitle("checkpoints") };
        table.AddColumns("slot", "state", "generation", "sequences", "bad chunks");
        for (int i = 0; i < report.Slots.Count; i++)
        {
            SlotReport slot = report.Slots[i];
            table.AddRow(
                $"{i}", $"{slot.State}", $"{slot.Generation}", $"{slot.BeginSequence} to {slot.EndSequence}", $"{slot.BadChunks}");
        }

        return table;
    }

    private static Table Namespaces(InspectionReport report)
    {
        var table = new Table { Title = new TableTitle("namespaces") };
        table.AddColumns("nsid", "blocks", "bytes of a block", "marked uncorrectable", "pages are", "key", "attached to");
        foreach (var ns in report.Metadata.Namespaces)
        {
            table.AddRow(
                $"{ns.Nsid}",
                $"{ns.Blocks}",
                $"{ns.BlockBytes}",
                $"{ns.UncorrectableBlocks}",
                Describe(ns.Transforms),
                ns.KeyIdentifier ?? "none",
                string.Join(' ', ns.Controllers));
        }

        return table;
    }

    private static string Describe(PageTransforms transforms)
    {
        var done = new List<string>();
        if (transforms.Compression != CompressionKind.None)
            done.Add($"compressed ({transforms.Compression.ToString().ToLowerInvariant()})");
        if (transforms.IsEncrypted)
            done.Add("encrypted");
        if (transforms.CorrectedBits > 0)
            done.Add($"coded ({transforms.CorrectedBits} bits)");
        return done.Count == 0 ? "plain" : string.Join(", ", done);
    }

    private static Table Superblocks(InspectionReport report)
    {
        SuperblockReport[] used = [.. report.Superblocks.Where(superblock => superblock.ProgrammedPages > 0)];
        var table = new Table { Title = new TableTitle($"{used.Length} of {report.Superblocks.Count} superblocks in use") };
        table.AddColumns("superblock", "programmed", "valid", "erases", "since the checkpoint");
        foreach (SuperblockReport superblock in used.Take(MostSuperblocks))
        {
            table.AddRow(
                $"{superblock.Number}", $"{superblock.ProgrammedPages}", $"{superblock.ValidPages}", $"{superblock.EraseCount}", $"{superblock.Found}");
        }

        if (used.Length > MostSuperblocks)
            table.Caption = new TableTitle($"{used.Length - MostSuperblocks} more, see --json");
        return table;
    }

    private static void PrintVerdict(IAnsiConsole console, InspectionReport report)
    {
        if (report.Recovery.PagesLost > 0)
            console.MarkupLineInterpolated($"[red]{report.Recovery.PagesLost} logical pages are lost[/]");
        if (report.Verification is not { } verification)
            return;
        foreach (string problem in verification.Problems)
            console.MarkupLineInterpolated($"[red]{problem}[/]");
        console.MarkupLineInterpolated($"{verification.CheckedPages} pages verified, {verification.DamagedPages} damaged");
    }
}
