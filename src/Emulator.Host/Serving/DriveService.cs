using System.Diagnostics;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Host.Configuration;
using Emulator.Media;
using Emulator.Spdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Serving;

/// <summary>Starts what the plan says, group by group, and stops it in reverse order.</summary>
public sealed class DriveService(ServePlan plan, ITargetObserver observer, ILogger<DriveService> log)
    : IHostedService, IDisposable
{
    private readonly Stack<ServedGroup> _groups = new();
    private readonly SpdkRuntime _spdk = new(plan.Spdk, log);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (ServeGroup group in plan.Groups)
                _groups.Push(new ServedGroup(group, plan.Media, observer, group.IsSpdks ? StartSpdk(group) : null));
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
            foreach (BuiltDrive built in group.Built)
                Conclude(built, group.StoppedAt);
        }

        if (plan.Summary is { } file)
            DriveSummary.Write(file, _groups);

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        while (_groups.TryPop(out ServedGroup? group))
            group.Dispose();
        _spdk.Dispose();
    }

    /// <summary>Without SPDK the managed door serves in its place, where it can: at addresses of NVMe/TCP.</summary>
    private SpdkRuntime? StartSpdk(ServeGroup group)
    {
        try
        {
            _spdk.Require();
            return _spdk;
        }
        catch (SpdkException e) when (group.Listeners.All(listener => listener.Transport == ListenerTransport.Spdk))
        {
            log.LogError("{Problem}", e.Message);
            log.LogWarning("the drive's own NVMe/TCP door serves in place of SPDK's");
            return null;
        }
        catch (SpdkException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private void Announce(ServedGroup group)
    {
        foreach (BuiltDrive built in group.Built)
        {
            log.LogInformation("drive {Drive}", DriveText.Describe(built.Drive.Options));
            built.Powered.OnPowerCut = problem => AnnouncePowerCut(built, problem);
            if (built.Medium != null)
                AnnounceMedium(built, built.Medium);
        }

        foreach (string directory in group.Directories)
            log.LogInformation("vfio-user socket {Socket}", Path.Combine(directory, "cntrl"));
        foreach (ServedListener listener in group.Listeners)
        {
            log.LogInformation(
                "listening on {Address}{Purpose}", listener.EndPoint, group.Drives.Count == 0 ? " for discovery" : "");
            foreach (Drive drive in group.Drives)
                log.LogInformation("connect with: {Command}", DriveText.ConnectCommand(listener, drive.Nqn));
        }
    }

    // Runs on the reactor's thread; what is logged goes through a queue.
    private void AnnouncePowerCut(BuiltDrive built, MediumException? problem)
    {
        log.LogWarning("the power of {Subsystem} was cut", built.Powered.Nqn);
        if (problem != null)
            log.LogError("{Subsystem} stands still: {Problem}", built.Powered.Nqn, problem.Message);
        else if (built.Drive.Recovery is { } found)
            log.LogInformation("recovered {Pages} pages, {Torn} were torn", found.PagesMapped, found.PagesTorn);
    }

    private void AnnounceMedium(BuiltDrive built, FileMedium medium)
    {
        RecoveryReport found = built.Drive.Recovery!;
        foreach (string step in found.Steps)
            log.LogDebug("medium {Medium}: {Step}", medium.Path, step);
        if (found.WasClean)
        {
            log.LogInformation(
                "medium {Medium}: {Pages} pages in use, shut down cleanly, ready in {Seconds:F3} s",
                medium.Path, found.PagesMapped, built.MountTime.TotalSeconds);
        }
        else
        {
            log.LogWarning(
                "medium {Medium} was not shut down: recovered {Pages} pages in {Seconds:F3} s from checkpoint {Checkpoint}, "
                + "{Scanned} pages of {Superblocks} superblocks scanned, {Replayed} newer, {Torn} torn, {Records} journal records",
                medium.Path, found.PagesMapped, built.MountTime.TotalSeconds, found.Generation,
                found.PagesScanned, found.SuperblocksScanned, found.PagesReplayed, found.PagesTorn, found.JournalRecords);
        }

        if (built.Drive.BytesRestored > 0)
        {
            log.LogWarning(
                "medium {Medium}: {Bytes} bytes that only the destination of a migration had were written from the log of updates",
                medium.Path, built.Drive.BytesRestored);
        }

        if (found.PagesLost > 0)
            log.LogError("medium {Medium}: {Lost} pages are lost and read with an error until they are written", medium.Path, found.PagesLost);
    }

    private void Conclude(BuiltDrive built, SimTime now)
    {
        if (built.Medium is { } medium)
        {
            if (!built.ShutDown(now))
                log.LogError("medium {Medium} could not be shut down; the next start recovers it", medium.Path);
            log.LogInformation(
                "medium {Medium}: synchronised {Count} times, {Mean:F2} ms on average, {Longest:F2} ms at most; {Waits} writes waited for it",
                medium.Path, medium.SyncTimes.Count, medium.SyncTimes.Mean.Nanoseconds / 1e6, medium.SyncTimes.Longest.Nanoseconds / 1e6,
                built.Drive.SyncsWaitedFor);
        }

        ConcludeCounters(built.Drive);
    }

    private void ConcludeCounters(Drive drive) => log.LogInformation(
        "stopped {Subsystem}: {Reads} reads of {ReadBytes}, {Writes} writes of {WrittenBytes}, write amplification {Amplification:F2}",
        drive.Nqn,
        drive.Health.ReadCommands,
        DriveText.Rounded(drive.Health.BytesRead),
        drive.Health.WriteCommands,
        DriveText.Rounded(drive.Health.BytesWritten),
        drive.FtlCounters.WriteAmplification);
}
