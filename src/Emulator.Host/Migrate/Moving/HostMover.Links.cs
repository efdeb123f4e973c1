using System.Diagnostics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>The connections to both drives, which are made anew when they are lost.</summary>
internal sealed partial class HostMover
{
    private static readonly long RetryPause = Stopwatch.Frequency / 20;
    private static readonly TimeSpan WriterPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Longer than the destination keeps a connection whose keep-alives are missing.</summary>
    private static readonly TimeSpan WriterPatience = TimeSpan.FromSeconds(30);

    /// <summary>CNTLIDs at the destination of connections that may have sent what is still to be done.</summary>
    private readonly List<ushort> _writers = [];
    private MoverLink? _source;
    private MoverLink? _destination;
    private HostQueue[] _queues = [];
    private bool _isAttached;
    private long _lostAt;
    private long _retryAt;
    private string _medium = "";

    private void Connect()
    {
        _source = MoverLink.Connect(_sourceDrive, _shape, _copy.SourceSink);
        _destination = MoverLink.Connect(_destinationDrive, _shape, _copy.DestinationSink);
    }

    /// <summary>Whoever wrote before is gone: then nothing late overwrites what is newer.</summary>
    private void AwaitWriters()
    {
        long began = Stopwatch.GetTimestamp();
        foreach (ushort writer in _writers.Distinct())
        {
            while (writer != _destination!.Id && writer != _destinationDrive.Id && IsThere(writer))
            {
                if (Stopwatch.GetElapsedTime(began) > WriterPatience)
                    throw new MigrateException($"the destination still has a connection, {writer}, of whoever moved data before");
                Thread.Sleep(WriterPause);
            }
        }
    }

    private bool IsThere(ushort writer)
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmMigrationStatus, page.Length);
        entry.Cdw11 |= (uint)writer << 16;
        return _destination!.Execute(entry, page).IsSuccess && WireStruct.Read<VmMigrationStatus>(page).IsConnected != 0;
    }

    /// <summary>Has the destination be one, with the state, and begins to use the connections.</summary>
    private void Settle()
    {
        VmMigrationStatus status = _destination!.Status(_destinationDrive.Vm);
        string medium = new Guid(status.Medium, bigEndian: true).ToString();
        if (_medium.Length > 0 && medium != _medium)
            throw new MigrateException("the destination is on another medium than before");
        _medium = medium;
        if (status.Phase == (uint)VmMigrationPhase.Idle)
            _destinationDrive.Steer(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        _writers.Add(_destination.Id);
        NoteMark();
        if (!_options.NoState && status.Phase != (uint)VmMigrationPhase.Ready)
        {
            _state.Send(_source!, _destination);
            _state.Rehearse(_source!, _destination);
        }

        _copy.Attach(_source!, _destination);
        _queues = [.. _source!.Queues, .. _destination.Queues];
        _isAttached = true;
    }

    /// <returns>Whether the connections are there.</returns>
    private bool TryReconnect(long now)
    {
        if (_isAttached)
            return true;
        if (now < _retryAt)
            return false;
        try
        {
            Connect();
            AwaitWriters();
            Settle();
            _phase = PhaseOfWork;
            RestartWindow(now);
            return true;
        }
        catch (LinkLostException e)
        {
            Lose(e.Message);
        }
        catch (MigrateException e)
        {
            Fail(e.Message);
        }

        return false;
    }

    private void Lose(string problem)
    {
        long now = Stopwatch.GetTimestamp();
        if (_isAttached)
            _lostAt = now;
        Disconnect();
        (_phase, _problem, _retryAt) = (MoverPhase.Reconnecting, problem, now + RetryPause);
        if (Stopwatch.GetElapsedTime(_lostAt, now).TotalSeconds > _options.ReconnectSeconds)
            Fail(problem);
    }

    private void Disconnect()
    {
        _copy.Detach();
        _source?.Dispose();
        _destination?.Dispose();
        (_source, _destination, _isAttached) = (null, null, false);
    }
}
