using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// A namespace under a scheme: its source, and where the commands of hosts pass. What it is asked it does at once, and
/// tells the scheme when the time has come.
/// </summary>
internal sealed class NamespaceFront : ISchemeVolume
{
    private readonly Drive _drive;
    private readonly Namespace _ns;
    private readonly VmCaching _caching;
    private readonly IUpdateStore? _store;
    private readonly PriorityQueue<(int Tag, bool IsSuccess), (long Due, long Order)> _done = new();
    private readonly Queue<(int Tag, MediumResult Result)> _syncing = new();
    private readonly List<SchemeCommand> _held = [];
    private readonly List<SchemeCommand> _locks = [];
    private bool _mayHeldGo;
    private long _order;
    private SchemeRun? _run;

    /// <param name="store">For what only the destination has; null where the scheme logs nothing.</param>
    public NamespaceFront(Drive drive, Namespace ns, VmCaching caching, IUpdateStore? store)
    {
        (_drive, _ns, _caching, _store) = (drive, ns, caching, store);
        Log = store == null ? null : new UpdateLog(store, ns.BlockShift);
        Unreadable = ns.MarkedBlocks();
    }

    public uint Nsid => _ns.Nsid;

    public int BlockShift => _ns.BlockShift;

    public ulong BlockCount => _ns.BlockCount;

    public TwoLevelBitmap Unreadable { get; }

    public UpdateLog? Log { get; private set; }

    public bool HasLogFailed => _store is { HasFailed: true } && Log != null;

    /// <summary>What completes at the destination may not be in the log.</summary>
    public bool IsUnlogged => HasLogFailed && IsCopying;

    public SchemeRun Run => _run!;

    /// <summary>Commands of hosts that are under way.</summary>
    public int Commands { get; set; }

    public bool IsIdle => Commands == 0;

    /// <summary>The source has everything, and nobody holds a lock: new commands need no scheme.</summary>
    public bool IsOpen => _isBypassed && _locks.Count == 0;

    private bool _isBypassed;

    /// <summary>The VM is paused, or has gone: nothing comes through any more.</summary>
    public bool IsClosed => !_isBypassed && Run.Phase is SchemePhase.Finishing or SchemePhase.Completed;

    /// <summary>The source is, or may be, behind the destination.</summary>
    public bool IsBehind => Log != null;

    public SimTime NextEvent
    {
        get
        {
            SimTime next = SimTime.Min(_drive.SchemeCommands.NextEvent, _done.TryPeek(out _, out (long Due, long) first)
                ? new SimTime(first.Due)
                : SimTime.Never);
            bool isDue = (_held.Count > 0 && _mayHeldGo)
                || (_syncing.Count > 0 && _syncing.Peek().Result.Sync.IsOver(_drive.EndedSync));
            return isDue ? SimTime.Zero : next;
        }
    }

    private bool IsCopying => Run.Phase is SchemePhase.Copying or SchemePhase.Finishing or SchemePhase.Converged;

    public void Engage(SchemeRun run)
    {
        _run = run;
        _ns.Front = this;
    }

    public void Bypass() => _isBypassed = true;

    public void DiscardLog()
    {
        _store?.Discard();
        Log = null;
    }

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
    {
        if (request.Origin == 0 && request.Operation == BlockOperation.Read)
        {
            Copy(now, tag, new BlockRange(request.StartLba, request.Blocks), data);
            return;
        }

        SchemeCommand? command = request.Origin == 0 ? null : _drive.SchemeCommands[request.Origin - 1];
        var range = new BlockRange(request.StartLba, request.Blocks);
        MediumResult result = request.Operation switch
        {
            BlockOperation.Flush => _ns.BeginFlush(now),
            BlockOperation.Read => Read(now, range, data, command!),
            _ => Change(now, request, range, data, command),
        };
        if (!result.IsSuccess && command != null)
            command.Failure = result.Status;
        Completes(tag, result);
    }

    public void Advance(SimTime now)
    {
        while (_syncing.Count > 0 && _syncing.Peek().Result.Sync.IsOver(_drive.EndedSync))
        {
            (int tag, MediumResult result) = _syncing.Dequeue();
            Enqueue(tag, result.Done, !_drive.HasSyncFailed);
        }

        while (_done.TryPeek(out (int Tag, bool IsSuccess) done, out (long Due, long) first) && first.Due <= now.Nanoseconds)
        {
            _done.Dequeue();
            Run.Completed(now, done.Tag, done.IsSuccess);
        }

        _drive.SchemeCommands.Advance(now);
        SubmitHeld(now);
    }

    public void RequestCompleted(SimTime now, int request, bool isSuccess)
    {
        _mayHeldGo = true;
        _drive.SchemeCommands.Completed(_drive.SchemeCommands[request], this, isSuccess, now);
    }

    public void WrittenThere(in BlockRequest request)
    {
        var range = new BlockRange(request.StartLba, request.Blocks);
        _ns.WrittenElsewhere(range, _drive.SchemeCommands[request.Origin - 1].Writer.Vm);
        Unreadable.Clear((long)range.Start, (long)range.Count);
    }

    public long BeginLogSync() => _store!.BeginSync();

    public bool IsLogSynced(long sync) => _store!.HasFailed || _store.Synced >= sync;

    /// <summary>The drive is called when its log has been synchronised.</summary>
    public bool WakesWhenSynced => _store!.WakesWhenSynced && !_store.HasFailed;

    /// <summary>Waits until the log survives the machine.</summary>
    public void SyncLog() => _store?.Sync();

    /// <summary>A command waits for a lock, or for room.</summary>
    public void Hold(SchemeCommand command) => _held.Add(command);

    public bool IsLockedAgainst(SchemeCommand command, in BlockRequest request)
    {
        foreach (SchemeCommand owner in _locks)
        {
            BlockRange locked = owner.Ranges[0];
            if (owner != command && owner != command.Partner && locked.Start < request.End && request.StartLba < locked.End)
                return true;
        }

        return false;
    }

    /// <summary>The blocks of a fused pair are nobody else's until both are over.</summary>
    public void Lock(SchemeCommand first, SchemeCommand second)
    {
        first.HoldsLock = second.HoldsLock = true;
        _locks.Add(first);
    }

    /// <summary>A command is over.</summary>
    public void Over(SchemeCommand command)
    {
        Commands--;
        _locks.Remove(command);
        _mayHeldGo = true;
    }

    public void Dispose()
    {
        if (_ns.Front == this)
            _ns.Front = null;
        Unreadable.Dispose();
        _store?.Dispose();
    }

    private void SubmitHeld(SimTime now)
    {
        if (_held.Count == 0)
            return;
        _mayHeldGo = false;
        SchemeCommand[] held = [.. _held];
        _held.Clear();
        foreach (SchemeCommand command in held)
            SchemeCommands.Submit(now, command);
    }

    /// <summary>Reads blocks for the copy.</summary>
    private void Copy(SimTime now, int tag, BlockRange range, Memory<byte> data)
    {
        MediumResult read = Unreadable.Any((long)range.Start, (long)range.Count)
            ? ReadSingly(now, range, data)
            : _ns.Read(now, range, data.Span, _caching.ManagerHints);
        if (!read.IsSuccess)
            read = ReadSingly(now, range, data);
        Enqueue(tag, _drive.Link?.ToHost(read.Done, data.Length) ?? read.Done, isSuccess: true);
    }

    private MediumResult Read(SimTime now, BlockRange range, Memory<byte> data, SchemeCommand command)
    {
        SimTime begin = _drive.Link?.FromHost(now, 0) ?? now;
        CacheHints hints = command.IsForced ? new CacheHints(0, CacheHint.Through) : command.Writer.ReadHints;
        MediumResult result = _ns.IsUncorrectable(range)
            ? new MediumResult(begin, MediumStatus.Uncorrectable)
            : _ns.Read(begin, range, data.Span, hints);
        if (_drive.Link is not { } link)
            return result;
        return new MediumResult(link.End(link.ToHost(result.Done, data.Length)), result.Status);
    }

    /// <param name="command">Null for what comes back from the log.</param>
    private MediumResult Change(SimTime now, in BlockRequest request, BlockRange range, Memory<byte> data, SchemeCommand? command)
    {
        VmCaching writer = command?.Writer ?? _caching;
        CacheHints hints = request.IsForced ? writer.WriteHints.With(CacheHint.Through) : writer.WriteHints;
        Unreadable.Clear((long)range.Start, (long)range.Count);
        if (request.Operation != BlockOperation.Write)
            return Persisted(now, request, _ns.Deallocate(now, range, writer.Vm, hints));
        SimTime begin = _drive.Link?.FromHost(now, data.Length) ?? now;
        MediumResult result = _ns.Write(begin, range, data.Span, writer.Vm, hints, command?.Stream ?? Ftl.WriteStream.Host);
        return _drive.EndOnLink(Persisted(begin, request, result));
    }

    private MediumResult Persisted(SimTime begin, in BlockRequest request, in MediumResult result) =>
        request.IsForced && result.IsSuccess ? result.And(_drive.Pages.BeginPersist(begin)) : result;

    /// <summary>What cannot be read is left out, and known from then on.</summary>
    private MediumResult ReadSingly(SimTime now, BlockRange range, Memory<byte> data)
    {
        MediumResult all = MediumResult.Success(now);
        for (ulong lba = range.Start; lba < range.End; lba++)
        {
            Span<byte> block = data.Span.Slice((int)((lba - range.Start) << BlockShift), 1 << BlockShift);
            if (!Unreadable[(long)lba])
            {
                MediumResult read = _ns.Read(now, new BlockRange(lba, 1), block, _caching.ManagerHints);
                all = read.IsSuccess ? all.And(read) : all;
                if (read.IsSuccess)
                    continue;
                Unreadable.Set((long)lba, 1);
            }

            block.Clear();
        }

        return all;
    }

    private void Completes(int tag, in MediumResult result)
    {
        if (result.IsSuccess && !result.Sync.IsNone)
            _syncing.Enqueue((tag, result));
        else
            Enqueue(tag, result.Done, result.IsSuccess);
    }

    private void Enqueue(int tag, SimTime due, bool isSuccess) => _done.Enqueue((tag, isSuccess), (due.Nanoseconds, _order++));
}
