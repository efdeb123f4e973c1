using System.Diagnostics;
using Emulator.Device;
using Emulator.Tcp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Serving;

/// <summary>Starts what the plan says, group by group, and stops it in reverse order.</summary>
public sealed class DriveService(ServePlan plan, ITargetObserver observer, ILogger<DriveService> log)
    : IHostedService, IDisposable
{
    private readonly Stack<ServedGroup> _groups = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (ServeGroup group in plan.Groups)
                _groups.Push(new ServedGroup(group, observer));
        }
        catch
        {
            Dispose();
            throw;
        }

        ServedGroup[] inOrder = [.. _groups.Reverse()];
        IReadOnlyList<DiscoveryEntry> directory = DiscoveryDirectory.Entries(inOrder.SelectMany(group => group.Listeners));
        foreach (ServedGroup group in inOrder)
        {
            group.Start(directory);
            Announce(group);
        }

        TimeSpan started = DateTime.Now - Process.GetCurrentProcess().StartTime;
        log.LogInformation("ready after {Seconds:F2} s; SIGINT (Ctrl-C) or SIGTERM stops", started.TotalSeconds);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (ServedGroup group in _groups)
        {
            group.Stop();
            foreach (Drive drive in group.Drives)
                Conclude(drive);
        }

        if (plan.Summary is { } file)
            DriveSummary.Write(file, _groups);

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        while (_groups.TryPop(out ServedGroup? group))
            group.Dispose();
    }

    private void Announce(ServedGroup group)
    {
        foreach (Drive drive in group.Drives)
            log.LogInformation("drive {Drive}", DriveText.Describe(drive.Options));
        foreach (ServedListener listener in group.Listeners)
        {
            log.LogInformation(
                "listening on {Address}{Purpose}", listener.EndPoint, group.Drives.Count == 0 ? " for discovery" : "");
            foreach (Drive drive in group.Drives)
                log.LogInformation("connect with: {Command}", DriveText.ConnectCommand(listener, drive.Nqn));
        }
    }

    private void Conclude(Drive drive) => log.LogInformation(
        "stopped {Subsystem}: {Reads} reads of {ReadBytes}, {Writes} writes of {WrittenBytes}, write amplification {Amplification:F2}",
        drive.Nqn,
        drive.Health.ReadCommands,
        DriveText.Rounded(drive.Health.BytesRead),
        drive.Health.WriteCommands,
        DriveText.Rounded(drive.Health.BytesWritten),
        drive.FtlCounters.WriteAmplification);
}
