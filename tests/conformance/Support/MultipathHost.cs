using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// A host with two paths to a namespace that goes by asymmetric access alone, as Linux does (Base 2.1, 8.1.1): it sends to the
/// path that is optimized, and looks at both anew when a command comes back with a path-related status or an event says so.
/// </summary>
internal sealed class MultipathHost : IDisposable
{
    private const int LogBytes = AnaLogHeader.Size + AnaGroupDescriptor.Size;

    private readonly Path[] _paths;

    public MultipathHost(params (HostController Controller, HostQueue Queue)[] paths)
    {
        _paths = [.. paths.Select(path => new Path(path.Controller, path.Queue))];
        foreach (Path path in _paths)
            path.Controller.Succeed("Set Features 0Bh", HostCommands.SetFeatures(FeatureId.AsynchronousEventConfiguration, (uint)AsyncEventNotices.AsymmetricNamespaceAccessChange));
        Refresh();
    }

    /// <summary>Commands that came back with a path-related status, and went elsewhere.</summary>
    public int Retries { get; private set; }

    /// <summary>Changes of access that came as events.</summary>
    public int Events { get; private set; }

    public IReadOnlyList<AnaState> States => [.. _paths.Select(path => path.State)];

    /// <summary>The path that commands take; -1 while there is none.</summary>
    public int Current => Array.FindIndex(_paths, path => path.State == AnaState.Optimized);

    /// <summary>Carries out a command by whichever path takes it, and waits for one if there is none.</summary>
    public Status Execute(SubmissionEntry entry, byte[] data)
    {
        Status status = Status.AsymmetricAccessInaccessible;
        TestTarget.Eventually("a path takes the command", () =>
        {
            TakeEvents();
            if (Current < 0)
            {
                Refresh();
                return false;
            }

            status = _paths[Current].Queue.Execute(entry, data).Status;
            if (status != Status.AsymmetricAccessInaccessible)
                return true;
            Retries++;
            Refresh();
            return false;
        });
        return status;
    }

    /// <summary>Looks at the paths that an event told of.</summary>
    public void TakeEvents()
    {
        foreach (Path path in _paths)
        {
            path.Controller.Admin.Poll();
            if (!path.Controller.Admin.IsDone(path.Request))
                continue;
            Assert.Equal(0x000C_0302u, path.Controller.Admin.Wait(path.Request).Dw0);
            Events++;
            path.Look();
            path.Listen();
        }
    }

    public void Dispose()
    {
        foreach (Path path in _paths)
            path.Controller.Dispose();
    }

    private void Refresh()
    {
        foreach (Path path in _paths)
            path.Look();
    }

    private sealed class Path
    {
        public Path(HostController controller, HostQueue queue)
        {
            (Controller, Queue) = (controller, queue);
            Listen();
        }

        public HostController Controller { get; }

        public HostQueue Queue { get; }

        /// <summary>The event that is waited for.</summary>
        public int Request { get; private set; }

        public AnaState State { get; private set; }

        public void Listen() => Request = Controller.Admin.Begin(HostCommands.AsynchronousEventRequest());

        public void Look()
        {
            byte[] log = new byte[LogBytes];
            Controller.Succeed("Get Log Page 0Ch", HostCommands.GetLogPage(LogPageId.AsymmetricNamespaceAccess, LogBytes), log);
            State = WireStruct.Read<AnaGroupDescriptor>(log.AsSpan(AnaLogHeader.Size)).Anasa;
        }
    }
}
