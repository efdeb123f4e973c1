using Spectre.Console;

namespace Emulator.Host.Migrate;

/// <summary>A table in a terminal that follows the migration.</summary>
internal sealed class LiveDisplay(LiveDisplayContext context) : IMigrateDisplay
{
    private const double SecondsBetweenPictures = 0.1;

    private readonly List<string> _lines = [];
    private MigratePhase _phase;
    private MigrateSample? _sample;
    private double _shownAt = double.NegativeInfinity;

    public void Begin(MigratePhase phase)
    {
        _phase = phase;
        Draw();
    }

    public void Show(MigrateSample sample)
    {
        _sample = sample;
        if (sample.Seconds - _shownAt < SecondsBetweenPictures)
            return;
        _shownAt = sample.Seconds;
        Draw();
    }

    public void Say(string line)
    {
        _lines.Add(line);
        Draw();
    }

    private void Draw()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders();
        table.AddColumn("what");
        table.AddColumn(new TableColumn("how").Width(32));
        table.AddRow("phase", $"[bold]{MigrateText.Name(_phase)}[/]");
        if (_sample is { } sample)
        {
            table.AddRow("time", MigrateText.Seconds(sample.Seconds));
            table.AddRow("rate", MigrateText.Rate(sample.BytesPerSecond));
            table.AddRow("the VM changes", MigrateText.Rate(sample.DirtyBytesPerSecond));
            if (sample.WriteLimit is { } limit)
                table.AddRow("the VM may write", $"{MigrateText.Rate(limit)}, {sample.CommandsHeld} held");
            table.AddRow("moved", MigrateText.Bytes(sample.BytesSent));
            table.AddRow("round", $"{sample.Round}");
            table.AddRow("remaining", $"{MigrateText.Bytes(sample.BytesToDo)} and {MigrateText.Bytes(sample.BytesDirty)} dirty");
            if (sample.RamRemaining is { } ram)
                table.AddRow("memory remaining", MigrateText.Bytes(ram));
            table.AddRow("predicted black-out", MigrateText.Ms(sample.PredictedBlackoutMs));
        }

        context.UpdateTarget(new Rows([table, .. _lines.Select(line => new Text(line))]));
        context.Refresh();
    }
}
