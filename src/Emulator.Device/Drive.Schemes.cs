using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>The logs of schemes under which the destination alone has the newest data.</summary>
public sealed partial class Drive
{
    /// <summary>A log in memory may be so many times as long as the drive is large.</summary>
    internal const int LogPart = 4;

    private IUpdateLogs? _ownLogs;

    /// <summary>Commands of hosts to namespaces that schemes move.</summary>
    internal SchemeCommands SchemeCommands { get; } = new();

    /// <summary>Some namespace is under a scheme.</summary>
    public bool HasSchemes { get; internal set; }

    /// <summary>
    /// Bytes that were written from logs when the drive was built: what its VMs had written to the destinations of migrations
    /// that ended with it.
    /// </summary>
    public long BytesRestored { get; private set; }

    /// <summary>Null if there can be none.</summary>
    internal IUpdateStore? CreateLog(Namespace ns) =>
        (Options.UpdateLogs ?? (_ownLogs ??= new MemoryUpdateLogs(LogPart * Options.CapacityBytes))).Create(LogName(ns));

    /// <summary>Everything that was acknowledged survives a loss of power, what the destination of a scheme has by its log.</summary>
    internal MediumResult FlushAll(SimTime now)
    {
        if (HasSchemes)
        {
            foreach (Namespace ns in Namespaces.All)
                ns.Front?.SyncLog();
        }

        return _pages.Flush(now);
    }

    /// <summary>
    /// The drive ended while a destination had what its namespaces have not. The destination has the VM no more than
    /// before: what it was told is here now.
    /// </summary>
    private void TakeOverLogs()
    {
        if (Options.UpdateLogs == null)
            return;
        foreach (Namespace ns in Namespaces.All)
        {
            if (Options.UpdateLogs.Find(LogName(ns)) is not { } store)
                continue;
            TakeOver(ns, store);
            store.Dispose();
        }
    }

    private void TakeOver(Namespace ns, IUpdateStore store)
    {
        UpdateLog log;
        try
        {
            log = new UpdateLog(store, ns.BlockShift);
        }
        catch (InvalidDataException)
        {
            throw new MediumException($"the log of updates of namespace {ns.Nsid} of {Options.MediumName} is none of its own");
        }

        byte[] data = [];
        MediumResult result = MediumResult.Success(SimTime.Zero);
        for (long position = 0; log.TryRead(ref position, ref data, out BlockRequest update) && result.IsSuccess;)
        {
            if (!ns.Contains(update.StartLba, update.Blocks))
                break;
            var range = new BlockRange(update.StartLba, update.Blocks);
            int length = update.Operation == BlockOperation.Write ? (int)(range.Count << ns.BlockShift) : 0;
            result = length > 0
                ? ns.Write(result.Done, range, data.AsSpan(0, length), writer: null)
                : ns.Deallocate(result.Done, range, writer: null);
            BytesRestored += length;
        }

        if (!result.IsSuccess || !_pages.Flush(result.Done).IsSuccess)
            throw new MediumException($"what the log of updates holds of namespace {ns.Nsid} of {Options.MediumName} cannot be written");
        store.Discard();
    }

    private string LogName(Namespace ns) => $"{MediumId:N}-{ns.Nsid}";
}
