using System.Globalization;
using System.Text.RegularExpressions;
using Emulator.Host.Migrate;

namespace Emulator.UnitTests.Host.Migrate;

public partial class MigratePlotTests
{
    private const int WidthOfPicture = 960;

    /// <summary>Of a character of 12 pixels in the widest of the usual fonts, on average.</summary>
    private const double MostPixelsOfCharacter = 6.6;

    [Fact]
    public void However_short_phases_are_each_is_told_within_the_picture_and_marked_in_every_panel()
    {
        MigrateReport report = Report();

        string svg = MigratePlot.Draw(report);

        foreach (MigratePhase phase in report.Phases.Select(of => of.Phase))
            Assert.Contains(MigrateText.Name(phase) + " from ", svg, StringComparison.Ordinal);
        foreach (Match text in Texts().Matches(svg))
        {
            double x = double.Parse(text.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            Assert.True(x + (text.Groups[2].Length * MostPixelsOfCharacter) <= WidthOfPicture, text.Groups[2].Value);
        }

        Assert.Equal(4 * report.Phases.Count, Marks().Count(svg));
    }

    private static MigrateReport Report()
    {
        var report = new MigrateReport
        {
            Options = new MigrateOptions
            {
                From = "192.0.2.1:4420",
                To = "192.0.2.2:4420",
                Subsystem = "nqn.2026-11.io.emulator:drive0",
                Manager = "nqn.2026-11.io.emulator:hypervisor",
                Vm = "1",
                VmThere = "257",
            },
        };
        double at = 0;
        foreach (MigratePhase phase in Enum.GetValues<MigratePhase>())
        {
            report.Enter(phase, at);
            at += phase == MigratePhase.Copying ? 1 : 0.004;
        }

        for (double seconds = 0.05; seconds < 1; seconds += 0.05)
        {
            report.Samples.Add(new MigrateSample
            {
                Seconds = seconds,
                Phase = MigratePhase.Copying,
                BytesPerSecond = 100e6 + (seconds * 5e6),
                BytesToDo = (ulong)((1 - seconds) * 100e6),
                BytesDirty = (ulong)(seconds * 20e6),
                GuestCommandsPerSecond = 7000 + (seconds * 100),
                GuestLatencyUs = 80,
            });
        }

        return report;
    }

    [GeneratedRegex("""<text x="([0-9.]+)" y="[0-9.]+" text-anchor="start" font-size="12" fill="#222">([^<]*)</text>""")]
    private static partial Regex Texts();

    [GeneratedRegex("""stroke="#b9a36a" """)]
    private static partial Regex Marks();
}
