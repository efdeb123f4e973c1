using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Emulator.Host.Migrate;

/// <summary>
/// The VM's QEMU at the source and the one that waits for it at the destination. The VM is paused and resumed by name, so that
/// it runs again neither before nor after its storage does.
/// </summary>
internal sealed class QemuPair : IDisposable
{
    /// <summary>
    /// So little that QEMU seldom pauses the VM by itself: first the fence has to be up, so that nothing is on its way to the VM
    /// when it is paused.
    /// </summary>
    private const long OwnPauseMs = 1;

    private const long NoLimitBytesPerSecond = 100_000_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MigrateOptions _options;
    private readonly QmpClient? _maybeSource;
    private readonly QmpClient _destination;

    /// <param name="options">Where they are.</param>
    /// <param name="mayBeGone">The source's QEMU may have been ended after the VM had left it.</param>
    /// <exception cref="QmpException">One of them is no QEMU.</exception>
    public QemuPair(MigrateOptions options, bool mayBeGone)
    {
        _options = options;
        _destination = QmpClient.Connect(options.QmpTo!);
        try
        {
            _maybeSource = QmpClient.Connect(options.QmpFrom!);
        }
        catch (QmpException) when (mayBeGone && DestinationState() != "inmigrate")
        {
            // The VM is at the destination; there is nothing to ask the source for.
        }
        catch
        {
            _destination.Dispose();
            throw;
        }
    }

    public bool IsSourceThere => _maybeSource != null;

    /// <summary>The source's QEMU has given the VM away.</summary>
    public bool IsHandedOver => _maybeSource == null || Ram().Status == "completed";

    private QmpClient Source => _maybeSource ?? throw new QmpException("QEMU at the source is gone");

    public string SourceVersion => Source.Version;

    public string DestinationVersion => _destination.Version;

    public void Dispose()
    {
        _maybeSource?.Dispose();
        _destination.Dispose();
    }

    /// <summary>Looks at both and changes nothing.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Problem()
    {
        if (SourceState() is not "running" and var state)
            return $"the VM at the source is {state}, not running";
        if (DestinationState() is not "inmigrate" and var there)
            return $"QEMU at the destination is {there}; it has to be started with -incoming";
        (string? machine, string? machineThere) = (Machine(Source), Machine(_destination));
        if (machine != machineThere)
            return $"the machine is {machine ?? "unknown"} at the source and {machineThere ?? "unknown"} at the destination";
        (long ram, long ramThere) = (RamBytes(Source), RamBytes(_destination));
        return ram == ramThere ? null : $"the VM has {ram >> 20} MiB of RAM at the source and {ramThere >> 20} MiB at the destination";
    }

    public string SourceState() => StateOf(Source);

    public string DestinationState() => StateOf(_destination);

    public RamProgress Ram() => RamProgress.Read(Source.Execute("query-migrate"));

    /// <summary>Begins to move the RAM. The VM runs on until <see cref="Pause"/>, or until QEMU pauses it before the end.</summary>
    public void StartRam()
    {
        SetCapability(Source, "pause-before-switchover");
        Source.Execute("migrate-set-parameters", new JsonObject
        {
            ["downtime-limit"] = OwnPauseMs,
            ["max-bandwidth"] = _options.RamBytesPerSecond != 0 ? _options.RamBytesPerSecond : NoLimitBytesPerSecond,
        });
        if (_options.RamListen is { } listen)
            Listen(listen);
        Source.Execute("migrate", new JsonObject { ["uri"] = _options.RamUri });
    }

    /// <summary>Stops the VM's processors, if they run.</summary>
    public void Pause()
    {
        if (SourceState() == "running")
            Source.Execute("stop");
    }

    /// <summary>Lets the source's QEMU hand the VM over, and waits until it has.</summary>
    /// <exception cref="MigrateException">It could not, and still has the VM.</exception>
    public RamProgress HandOver()
    {
        if (Ram().Status == "pre-switchover")
            Source.Execute("migrate-continue", new JsonObject { ["state"] = "pre-switchover" });
        long started = Stopwatch.GetTimestamp();
        RamProgress progress;
        while (!(progress = Ram()).IsOver)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new MigrateException($"QEMU at the source does not end the migration: it is {progress.Status}");
            Thread.Sleep(1);
        }

        return progress.Status == "completed"
            ? progress
            : throw new MigrateException($"QEMU at the source could not hand the VM over: {progress.Problem ?? progress.Status}");
    }

    /// <summary>Has the VM run at the destination.</summary>
    public void Resume()
    {
        long started = Stopwatch.GetTimestamp();
        while (DestinationState() is not "running" and var state)
        {
            // With what the source told QEMU knows the VM as paused, and asks nobody.
            if (state != "inmigrate")
                _destination.Execute("cont");
            else if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new MigrateException("QEMU at the destination does not have the VM");
            else
                Thread.Sleep(1);
        }
    }

    /// <summary>Takes back whatever was begun: the VM runs at the source.</summary>
    public void TakeBack()
    {
        if (Ram() is { IsOver: false, Status: not "none" })
            Source.Execute("migrate_cancel");
        long started = Stopwatch.GetTimestamp();
        while (SourceState() is not "running" and var state)
        {
            if (state is "paused" or "postmigrate" or "prelaunch")
                Source.Execute("cont");
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new MigrateException($"the VM at the source is {state} and does not run again");
            Thread.Sleep(5);
        }
    }

    /// <summary>The downtime as QEMU measured it, which it tells a moment after the end.</summary>
    public double? Downtime()
    {
        long started = Stopwatch.GetTimestamp();
        double? downtime;
        while ((downtime = Ram().DowntimeMs) == null && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1))
            Thread.Sleep(50);
        return downtime;
    }

    private void Listen(string uri)
    {
        try
        {
            _destination.Execute("migrate-incoming", new JsonObject { ["uri"] = uri });
        }
        catch (QmpException e) when (e.Message.Contains("already", StringComparison.Ordinal))
        {
            // It listens since it was started, or since the migration that is resumed.
        }
    }

    private static void SetCapability(QmpClient qemu, string name) => qemu.Execute(
        "migrate-set-capabilities",
        new JsonObject
        {
            ["capabilities"] = new JsonArray(new JsonObject { ["capability"] = name, ["state"] = true }),
        });

    private static string StateOf(QmpClient qemu) =>
        qemu.Execute("query-status").TryGetProperty("status", out JsonElement status) ? status.ToString() : "unknown";

    private static string? Machine(QmpClient qemu) =>
        qemu.Execute("qom-get", new JsonObject { ["path"] = "/machine", ["property"] = "type" }).GetString();

    private static long RamBytes(QmpClient qemu) =>
        qemu.Execute("query-memory-size-summary").TryGetProperty("base-memory", out JsonElement bytes) && bytes.TryGetInt64(out long value)
            ? value
            : 0;
}
