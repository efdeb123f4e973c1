using System.Globalization;

namespace Emulator.Host.Migrate;

/// <summary>Figures of a migration as people read them.</summary>
internal static class MigrateText
{
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1L << 30 => Text(bytes / (1L << 30), "F1", " GiB"),
        >= 1 << 20 => Text(bytes / (1 << 20), "F1", " MiB"),
        >= 1 << 10 => Text(bytes / (1 << 10), "F0", " KiB"),
        _ => Text(bytes, "F0", " B"),
    };

    public static string Rate(double bytesPerSecond) => Bytes(bytesPerSecond) + "/s";

    /// <param name="share">1 is all of it.</param>
    public static string Percent(double share) => Text(share * 100, "F0", "%");

    public static string Ms(double? milliseconds) => milliseconds switch
    {
        null => "?",
        double.PositiveInfinity => "endless",
        >= 10_000 and var long_ => Text(long_ / 1e3, "F1", " s"),
        >= 100 and var some => Text(some, "F0", " ms"),
        var few => Text(few.Value, "F1", " ms"),
    };

    public static string Seconds(double seconds) => Text(seconds, seconds < 10 ? "F2" : "F1", " s");

    public static string Name(MigratePhase phase) => phase switch
    {
        MigratePhase.Preparing => "preparing",
        MigratePhase.Binding => "binding",
        MigratePhase.Copying => "copying",
        MigratePhase.CatchingUp => "catching up",
        MigratePhase.Memory => "moving memory",
        MigratePhase.Blackout => "black-out",
        MigratePhase.Switching => "switching",
        MigratePhase.Done => "done",
        MigratePhase.RollingBack => "rolling back",
        _ => "rolled back",
    };

    private static string Text(double value, string format, string unit) => value.ToString(format, CultureInfo.InvariantCulture) + unit;
}
