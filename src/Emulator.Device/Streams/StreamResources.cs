using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>
/// Streams of the Streams directive (Base 2.1, 8.1.8.3): which hosts may use them in which namespaces, which are open, and
/// which stream of the translation layer each is. A stream belongs to a host identifier (SSID is 0) and a namespace. With
/// every resource taken, the stream written longest ago makes place for a new one.
/// </summary>
internal sealed class StreamResources
{
    private struct OpenStream
    {
        public bool IsOpen;
        public bool IsExclusive;
        public ushort Id;
        public uint Nsid;
        public UInt128 Host;
        public ulong LastUse;
    }

    /// <summary>A host that has the directive enabled in a namespace.</summary>
    private sealed class Grant(UInt128 host, uint nsid)
    {
        public UInt128 Host { get; } = host;

        public uint Nsid { get; } = nsid;

        /// <summary>NSA: streams for the exclusive use of the host in the namespace.</summary>
        public int Allocated { get; set; }
    }

    private readonly OpenStream[] _streams;
    private readonly List<Grant> _grants = [];
    private ulong _uses;

    /// <param name="limit">MSL: streams that may be open at the same time.</param>
    public StreamResources(int limit)
    {
        Check.That(limit is >= 1 and <= WriteStream.LargestDirective);
        _streams = new OpenStream[limit];
    }

    /// <summary>MSL.</summary>
    public int Limit => _streams.Length;

    /// <summary>NSSA: streams that are not allocated for exclusive use.</summary>
    public int Available
    {
        get
        {
            int available = _streams.Length;
            foreach (Grant grant in _grants)
                available -= grant.Allocated;
            return available;
        }
    }

    /// <summary>NSSO: open streams of those.</summary>
    public int SharedOpen => CountOpen(isExclusive: false, default, default);

    public bool IsEnabled(UInt128 host, uint nsid) => Find(host, nsid) != null;

    public void Enable(UInt128 host, uint nsid)
    {
        if (!IsEnabled(host, nsid))
            _grants.Add(new Grant(host, nsid));
    }

    /// <summary>Releases everything that the host has in the namespace.</summary>
    public void Disable(UInt128 host, uint nsid)
    {
        Close(stream => stream.Host == host && stream.Nsid == nsid);
        _grants.RemoveAll(grant => grant.Host == host && grant.Nsid == nsid);
    }

    /// <summary>The host has no controller any more that was not reset.</summary>
    public void ForgetHost(UInt128 host)
    {
        Close(stream => stream.Host == host);
        _grants.RemoveAll(grant => grant.Host == host);
    }

    public void ForgetNamespace(uint nsid)
    {
        ReleaseIdentifiers(nsid);
        _grants.RemoveAll(grant => grant.Nsid == nsid);
    }

    /// <summary>The namespace was formatted: its streams are closed, what was allocated stays.</summary>
    public void ReleaseIdentifiers(uint nsid) => Close(stream => stream.Nsid == nsid);

    /// <summary>NSA.</summary>
    public int AllocatedTo(UInt128 host, uint nsid) => Find(host, nsid)?.Allocated ?? 0;

    /// <summary>Allocates up to so many streams for the exclusive use of a host in a namespace.</summary>
    /// <returns>As many as there were; 0 when there was none.</returns>
    public int Allocate(UInt128 host, uint nsid, int requested)
    {
        Grant grant = Find(host, nsid)!;
        Check.That(grant.Allocated == 0);
        int granted = Math.Min(requested, Available);
        if (granted == 0)
            return 0;
        Close(stream => stream.Host == host && stream.Nsid == nsid);
        grant.Allocated = granted;
        while (SharedOpen > Available)
            _streams[LeastRecentlyUsed(isExclusive: false, default, default)].IsOpen = false;
        return granted;
    }

    /// <summary>What was allocated to the host in the namespace is available to all again.</summary>
    public void ReleaseResources(UInt128 host, uint nsid)
    {
        if (Find(host, nsid) is not { Allocated: > 0 } grant)
            return;
        Close(stream => stream.Host == host && stream.Nsid == nsid);
        grant.Allocated = 0;
    }

    public void ReleaseIdentifier(UInt128 host, uint nsid, ushort id) =>
        Close(stream => stream.Host == host && stream.Nsid == nsid && stream.Id == id);

    /// <summary>The identifiers of the streams that a host has open in a namespace, in ascending order.</summary>
    public ushort[] OpenIn(UInt128 host, uint nsid) => Identifiers(stream => stream.Host == host && stream.Nsid == nsid);

    /// <summary>The identifiers that any host has open without having them to itself, each once, in ascending order.</summary>
    public ushort[] OpenShared() => Identifiers(stream => !stream.IsExclusive);

    /// <summary>
    /// The stream of a write, which opens it if it is not. Where others have everything to themselves the write is one
    /// without a stream.
    /// </summary>
    public WriteStream ForWrite(UInt128 host, uint nsid, ushort id)
    {
        _uses++;
        int index = 0;
        for (; index < _streams.Length; index++)
        {
            ref OpenStream stream = ref _streams[index];
            if (stream.Id == id && stream.Nsid == nsid && stream.IsOpen && stream.Host == host)
            {
                stream.LastUse = _uses;
                return WriteStream.Directive(index + 1);
            }
        }

        return TryOpen(host, nsid, id, out index) ? WriteStream.Directive(index + 1) : WriteStream.Host;
    }

    /// <summary>The identifier of a stream that a host has open in a namespace; 0 if it is none of these.</summary>
    public ushort IdentifierOf(WriteStream stream, UInt128 host, uint nsid)
    {
        int index = stream.Value - 1;
        return (uint)index < (uint)_streams.Length
            && _streams[index] is { IsOpen: true } open && open.Host == host && open.Nsid == nsid
                ? open.Id
                : (ushort)0;
    }

    private bool TryOpen(UInt128 host, uint nsid, ushort id, out int index)
    {
        int allocated = AllocatedTo(host, nsid);
        bool isExclusive = allocated > 0;
        int limit = isExclusive ? allocated : Available;
        index = CountOpen(isExclusive, host, nsid) < limit
            ? FirstClosed()
            : LeastRecentlyUsed(isExclusive, host, nsid);
        if (limit == 0)
            return false;
        _streams[index] = new OpenStream
        {
            IsOpen = true,
            IsExclusive = isExclusive,
            Id = id,
            Nsid = nsid,
            Host = host,
            LastUse = _uses,
        };
        return true;
    }

    private Grant? Find(UInt128 host, uint nsid)
    {
        foreach (Grant grant in _grants)
        {
            if (grant.Host == host && grant.Nsid == nsid)
                return grant;
        }

        return null;
    }

    /// <summary>Whether a stream takes one of the resources that a host has to itself in a namespace, or that all share.</summary>
    private static bool IsOf(in OpenStream stream, bool isExclusive, UInt128 host, uint nsid) => stream.IsOpen
        && stream.IsExclusive == isExclusive
        && (!isExclusive || (stream.Host == host && stream.Nsid == nsid));

    private int CountOpen(bool isExclusive, UInt128 host, uint nsid)
    {
        int count = 0;
        foreach (ref readonly OpenStream stream in _streams.AsSpan())
            count += IsOf(stream, isExclusive, host, nsid) ? 1 : 0;
        return count;
    }

    private int FirstClosed()
    {
        int index = 0;
        while (_streams[index].IsOpen)
            index++;
        return index;
    }

    private int LeastRecentlyUsed(bool isExclusive, UInt128 host, uint nsid)
    {
        int found = -1;
        for (int i = 0; i < _streams.Length; i++)
        {
            if (IsOf(_streams[i], isExclusive, host, nsid)
                && (found < 0 || _streams[i].LastUse < _streams[found].LastUse))
                found = i;
        }

        return found;
    }

    private ushort[] Identifiers(Func<OpenStream, bool> wanted) =>
        [.. _streams.Where(stream => stream.IsOpen && wanted(stream)).Select(stream => stream.Id).Distinct().Order()];

    private void Close(Func<OpenStream, bool> wanted)
    {
        foreach (ref OpenStream stream in _streams.AsSpan())
            stream.IsOpen &= !wanted(stream);
    }
}
