using System.Text.Json;

namespace Emulator.Host.Migrate;

/// <summary>What query-migrate tells.</summary>
/// <param name="Status">none, setup, active, pre-switchover, device, completed, failed, cancelled and so on.</param>
/// <param name="Problem">Why it failed, if it did.</param>
internal sealed record RamProgress(string Status, string? Problem)
{
    public long Transferred { get; init; }

    public long Remaining { get; init; }

    public long Total { get; init; }

    /// <summary>Bytes a second, as QEMU measures it.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Passes over the RAM so far.</summary>
    public long Passes { get; init; }

    /// <summary>QEMU's own guess of the downtime, in ms.</summary>
    public double ExpectedDowntimeMs { get; init; }

    /// <summary>Measured by QEMU, when it is over.</summary>
    public double? DowntimeMs { get; init; }

    public bool IsOver => Status is "completed" or "failed" or "cancelled";

    public bool IsPaused => Status is "pre-switchover" or "device";

    public static RamProgress Read(JsonElement answer)
    {
        string status = Text(answer, "status") ?? "none";
        var progress = new RamProgress(status, Text(answer, "error-desc"))
        {
            ExpectedDowntimeMs = Number(answer, "expected-downtime") ?? 0,
            DowntimeMs = Number(answer, "downtime"),
        };
        return !answer.TryGetProperty("ram", out JsonElement ram) ? progress : progress with
        {
            Transferred = (long)(Number(ram, "transferred") ?? 0),
            Remaining = (long)(Number(ram, "remaining") ?? 0),
            Total = (long)(Number(ram, "total") ?? 0),
            BytesPerSecond = (Number(ram, "mbps") ?? 0) * 1e6 / 8,
            Passes = (long)(Number(ram, "dirty-sync-count") ?? 0),
        };
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.TryGetDouble(out double number) ? number : null;
}
