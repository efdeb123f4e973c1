namespace Emulator.Host.Migrate;

/// <summary>Lines, one for each phase and one every few seconds, for where there is no terminal.</summary>
internal sealed class PlainDisplay(TextWriter output) : IMigrateDisplay
{
    private const double SecondsBetweenLines = 2;

    private double _shownAt;

    public void Begin(MigratePhase phase)
    {
        output.WriteLine(MigrateText.Name(phase));
        _shownAt = 0;
    }

    public void Show(MigrateSample sample)
    {
        if (_shownAt == 0)
            _shownAt = sample.Seconds;
        if (sample.Seconds - _shownAt < SecondsBetweenLines)
            return;
        _shownAt = sample.Seconds;
        output.WriteLine(
            $"  {MigrateText.Seconds(sample.Seconds)}: {MigrateText.Rate(sample.BytesPerSecond)}, round {sample.Round}, "
            + $"{MigrateText.Bytes(sample.BytesToDo)} to do, {MigrateText.Bytes(sample.BytesDirty)} dirty, "
            + $"black-out {MigrateText.Ms(sample.PredictedBlackoutMs)}"
            + (sample.WriteLimit is { } limit ? $", the VM held to {MigrateText.Rate(limit)}" : "")
            + (sample.RamRemaining is { } ram ? $", memory {MigrateText.Bytes(ram)}" : ""));
    }

    public void Say(string line) => output.WriteLine($"  {line}");
}
