using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// A migration of a VM's storage between two block devices. It stands between the VM and the devices: takes every request
/// of the VM, sends it where the scheme wants it, and copies the image meanwhile. It knows no clock and no thread; its
/// owner passes the time in, in a simulation as in a drive.
/// <para>
/// Two regions follow from one bitmap, <c>ToCopy</c>: the region to be copied is what is in it; what is neither in it nor in
/// a chunk that is under way is the copied region. A scheme's <see cref="SchemePolicy"/> says where a block's requests go.
/// </para>
/// </summary>
public sealed partial class SchemeRun : IDisposable
{
    private readonly IBlockDevice _source;
    private readonly IBlockDevice _destination;
    private readonly SchemeOptions _options;
    private readonly ISchemeSink _sink;
    private readonly UpdateLog? _log;
    private readonly TwoLevelBitmap _toCopy;
    private readonly int _blockShift;
    private readonly bool _hasPrivateData;
    private SchemePolicy _policy;
    private SchemeCounters _counters;

    /// <param name="destination">Has the blocks of the source, or more of the same size.</param>
    /// <param name="log">
    /// Keeps what only the destination has, under schemes of low redundancy; null where contents do not matter.
    /// </param>
    public SchemeRun(IBlockDevice source, IBlockDevice destination, SchemeOptions options, ISchemeSink sink, UpdateLog? log = null)
    {
        Check.That(destination.BlockShift == source.BlockShift && destination.BlockCount >= source.BlockCount);
        (_source, _destination, _options, _sink, _log) = (source, destination, options, sink, log);
        _blockShift = source.BlockShift;
        _toCopy = new TwoLevelBitmap((long)source.BlockCount);
        foreach ((ulong start, ulong blocks) in options.Written ?? [(0, source.BlockCount)])
            _toCopy.Set((long)start, (long)blocks);
        _policy = PolicyOf(options.Kind);
        _hasPrivateData = _policy.CompletesOnFirst;
        _countedSide = options.Pending switch
        {
            PendingWrites.AtSource => Sides.Source,
            PendingWrites.AtDestination => Sides.Destination,
            _ => 0,
        };
        _requests = new Pending[options.MostRequests];
        _active = new int[options.MostRequests];
        _timers = new EventQueue<int>(options.MostRequests);
        for (int slot = options.MostRequests - 1; slot >= 0; slot--)
            _freeRequests.Push(slot);
        _chunks = new Chunk[options.CopyDepth];
        for (int chunk = 0; chunk < _chunks.Length; chunk++)
            _chunks[chunk] = new Chunk { Runs = [], Buffer = new byte[Math.Max(options.CopyBytes, 1 << _blockShift)] };
    }

    public SchemePhase Phase { get; private set; } = SchemePhase.Copying;

    public SchemeCounters Counters => _counters;

    /// <summary>Blocks that this pass has not begun to copy.</summary>
    public long BlocksToCopy => _toCopy.Count;

    /// <summary>Blocks that the next pass will copy.</summary>
    public long BlocksDirty => _policy.BlocksDirty;

    /// <summary>This pass, which is not the first, will leave about as much as it began with.</summary>
    public bool FallsBehind => IsCopying && _policy.FallsBehind;

    /// <summary>
    /// False once dirty block tracking has found that its rounds do not get shorter: the rest, however much it is, waits for the
    /// pause of the VM, or for the fall-back.
    /// </summary>
    public bool HasConverged => _policy.HasConverged;

    /// <summary>When <see cref="Advance"/> wants to be called; whatever else happens comes with completions.</summary>
    public SimTime NextEvent => _timers.NextDue;

    /// <summary>Nothing is outstanding at either device.</summary>
    public bool IsQuiet => _activeCount == 0 && _waiting.Count == 0 && _chunksBusy == 0 && !_isServicing;

    /// <summary>Begins to copy.</summary>
    public void Begin(SimTime now) => FillChunks(now);

    public void Advance(SimTime now)
    {
        while (_timers.TryTake(now, out int slot))
            IssueOrDelay(now, slot);
    }

    /// <summary>
    /// The VM is paused: it submits nothing until it goes on, where <see cref="Phase"/> says. What is outstanding
    /// completes, the rest is copied, and the destination flushes its cache.
    /// </summary>
    public void Finish(SimTime now)
    {
        Check.That(Phase is SchemePhase.Copying or SchemePhase.Converged);
        Phase = SchemePhase.Finishing;
        FillChunks(now);
    }

    /// <summary>Whether a command that a device is given is one of the copy rather than the VM's.</summary>
    /// <param name="tag">As <see cref="IBlockDevice.Submit"/> has it.</param>
    public static bool IsCopy(int tag) => (tag & ((1 << TagShift) - 1)) == (int)CommandKind.Copy;

    /// <summary>The VM runs again before everything is at the destination.</summary>
    public void Resume(SimTime now)
    {
        Check.That(Phase == SchemePhase.Finishing);
        Phase = SchemePhase.Copying;
        FillChunks(now);
    }

    /// <summary>A device has done with a command that <see cref="IBlockDevice.Submit"/> gave it.</summary>
    public void Completed(SimTime now, int tag, bool isSuccess)
    {
        int index = tag >> TagShift;
        switch ((CommandKind)(tag & ((1 << TagShift) - 1)))
        {
            case CommandKind.AtSource:
                PartCompleted(now, index, Sides.Source, isSuccess);
                break;
            case CommandKind.AtDestination:
                PartCompleted(now, index, Sides.Destination, isSuccess);
                break;
            case CommandKind.Copy:
                ChunkCompleted(now, index >> RunShift, index & ((1 << RunShift) - 1), isSuccess);
                break;
            default:
                ServiceCompleted(now, (ServiceKind)index, isSuccess);
                break;
        }
    }

    public void Dispose()
    {
        _policy.Dispose();
        _toCopy.Dispose();
    }

    private SchemePolicy PolicyOf(SchemeKind kind) => kind switch
    {
        SchemeKind.DirtyBlockTracking or SchemeKind.Assist => new DirtyTracking(_toCopy, _options, _blockShift),
        SchemeKind.Mirroring => new Mirroring(_toCopy, isAsynchronous: false),
        SchemeKind.AsynchronousMirroring => new Mirroring(_toCopy, isAsynchronous: true),
        SchemeKind.LowRedundancy => new LowRedundancy(_toCopy),
        SchemeKind.SourceLowRedundancy => new SourceLowRedundancy(_toCopy),
        SchemeKind.ReferenceAtSource => new OneSide(_toCopy, Sides.Source, isOrdered: false),
        _ => new OneSide(_toCopy, Sides.Destination, isOrdered: false),
    };

    /// <summary>What a command is for; the low bits of its tag.</summary>
    private enum CommandKind
    {
        AtSource,
        AtDestination,
        Copy,

        /// <summary>The flush at the end, and what is restored from the log.</summary>
        Service,
    }

    private enum ServiceKind
    {
        Flush,
        Restore,
    }

    private const int TagShift = 2;

    private static int TagOf(CommandKind kind, int index) => (index << TagShift) | (int)kind;
}
