using System.Net;
using System.Numerics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>Where a drive is, and whose snapshots are meant.</summary>
internal sealed record SnapshotTarget
{
    public const string DefaultHostNqn = "nqn.2026-11.io.emulator:initiator";

    public required IPEndPoint EndPoint { get; init; }

    public required string Subsystem { get; init; }

    public required string HostNqn { get; init; }

    public required uint Nsid { get; init; }

    /// <summary>Handle of the VM that the namespace is attached to; 0 for the controller that is connected to.</summary>
    public required ushort Vm { get; init; }
}

/// <summary>A host of a drive that uses what the vendor command set has for snapshots (specs/vendor-commands.md).</summary>
internal sealed partial class SnapshotClient : IDisposable
{
    /// <summary>Long, since the drive restores a namespace in one go.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly SnapshotTarget _target;
    private readonly HostController _host;

    /// <exception cref="UserErrorException">There is no drive that has snapshots, or no such namespace.</exception>
    public SnapshotClient(SnapshotTarget target)
    {
        _target = target;
        _host = HostController.ConnectWithQueues(new HostOptions
        {
            EndPoint = target.EndPoint,
            SubsystemNqn = target.Subsystem,
            HostNqn = target.HostNqn,
            Timeout = Patience,
            IoDepth = 8,
        });
        try
        {
            Support = ReadSupport();
            if (Support.Signature != VmasSupport.SignatureValue)
                throw new UserErrorException($"{target.Subsystem} at {target.EndPoint} has no snapshots");
        }
        catch
        {
            _host.Dispose();
            throw;
        }
    }

    public VmasSupport Support { get; }

    public SnapshotTarget Target => _target;

    public void Dispose() => _host.Dispose();

    /// <summary>Command C4h.</summary>
    /// <returns>The identifier of the snapshot.</returns>
    /// <exception cref="HostCommandException">The drive refused.</exception>
    public ushort Execute(SnapshotAction action, ushort id = 0)
    {
        var entry = new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.Snapshot,
            Nsid = _target.Nsid,
            Cdw10 = (uint)action,
            Cdw11 = id,
        };
        return (ushort)_host.Succeed($"Snapshot {action}", entry).Dw0;
    }

    /// <summary>Log page D6h.</summary>
    public (SnapshotListHeader Header, SnapshotListEntry[] Entries) List()
    {
        byte[] page = new byte[64 * 1024];
        GetLog(LogPageId.Snapshots, page, 0, _target.Vm);
        SnapshotListHeader header = WireStruct.Read<SnapshotListHeader>(page);
        int count = (int)Math.Min(header.Entries, (uint)(page.Length - SnapshotListHeader.Size) / SnapshotListEntry.Size);
        var entries = new SnapshotListEntry[count];
        for (int i = 0; i < count; i++)
            entries[i] = WireStruct.Read<SnapshotListEntry>(page.AsSpan(SnapshotListHeader.Size + (i * SnapshotListEntry.Size)));
        return (header, entries);
    }

    /// <summary>A snapshot of the namespace.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public SnapshotListEntry Find(ushort id)
    {
        SnapshotListEntry[] entries = [.. List().Entries.Where(entry => entry.Id == id)];
        return entries is [var found] && found.Nsid == _target.Nsid
            ? found
            : throw new UserErrorException($"there is no snapshot {id} of namespace {_target.Nsid}");
    }

    /// <summary>Blocks of the namespace as it is now, and their bytes.</summary>
    /// <exception cref="UserErrorException">There is no such namespace.</exception>
    public (ulong Blocks, uint BlockBytes) ReadGeometry()
    {
        byte[] data = new byte[IdentifyNamespace.Size];
        _host.Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, _target.Nsid), data);
        ref readonly IdentifyNamespace identity = ref WireStruct.Read<IdentifyNamespace>(data);
        return identity.Nsze != 0
            ? (identity.Nsze, 1u << identity.Lbaf[identity.Flbas & 0xF].Lbads)
            : throw new UserErrorException($"namespace {_target.Nsid} of {_target.Subsystem} does not exist or is not attached");
    }

    /// <summary>Log page D7h: what changed since a snapshot, and whether there is more behind the last range.</summary>
    public (List<RangeListEntry> Ranges, bool IsTruncated) ReadDelta(ushort id)
    {
        byte[] piece = new byte[64 * 1024];
        GetLog(LogPageId.SnapshotDelta, piece, 0, id);
        RangeListHeader header = WireStruct.Read<RangeListHeader>(piece);
        var ranges = new List<RangeListEntry>();
        ulong offset = RangeListHeader.Size;
        ulong end = RangeListHeader.Size + (header.Ranges * RangeListEntry.Size);
        Span<byte> left = piece.AsSpan(RangeListHeader.Size);
        while (offset < end)
        {
            if (left.IsEmpty)
            {
                GetLog(LogPageId.SnapshotDelta, piece, offset, id);
                left = piece;
            }

            ranges.Add(WireStruct.Read<RangeListEntry>(left[..RangeListEntry.Size]));
            left = left[RangeListEntry.Size..];
            offset += RangeListEntry.Size;
        }

        return (ranges, ((RangeListFlags)header.Flags.Value).HasFlag(RangeListFlags.Truncated));
    }

    /// <summary>Log page D5h: the checksums of the namespace as it is now.</summary>
    public RangeDigests ReadDigests(ulong namespaceBytes)
    {
        // A command takes the drive about 30 ms, in which it does nothing else.
        const int rangesAtOnce = 64;
        int granules = RangeDigests.RangeShift - BitOperations.Log2(Support.TrackingGranule);
        if (granules < 0)
            throw new UserErrorException("the drive's tracking granule is longer than the ranges of an image");
        var digests = new RangeDigests(namespaceBytes);
        var hasher = new RangeHasher(digests);
        byte[] piece = new byte[rangesAtOnce * RangeDigests.DigestBytes];
        GetLog(LogPageId.RangeChecksums, piece.AsSpan(0, RangeListHeader.Size), 0, _target.Vm, (byte)granules, _target.Nsid);
        for (int range = 0; range < digests.Ranges; range += rangesAtOnce)
        {
            int count = Math.Min(rangesAtOnce, digests.Ranges - range);
            ulong offset = RangeListHeader.Size + ((ulong)range * RangeDigests.DigestBytes);
            GetLog(LogPageId.RangeChecksums, piece.AsSpan(0, count * RangeDigests.DigestBytes), offset, _target.Vm, (byte)granules, _target.Nsid);
            for (int i = 0; i < count; i++)
            {
                if (!digests.TrySet(range + i, piece.AsSpan(i * RangeDigests.DigestBytes, RangeDigests.DigestBytes)))
                    Hash(hasher, range + i, digests.Pages);
            }
        }

        return digests;
    }

    /// <summary>The drive has no checksum of a range that cannot be read as a whole.</summary>
    private void Hash(RangeHasher hasher, int range, ulong pages)
    {
        ulong first = (ulong)range * RangeDigests.PagesOfRange;
        foreach (PageRun run in ReadPages(id: 0, first, Math.Min(pages, first + RangeDigests.PagesOfRange)))
            hasher.Add(run);
    }

    private VmasSupport ReadSupport()
    {
        byte[] data = new byte[IdentifyController.Size];
        _host.Succeed("Identify Controller", HostCommands.Identify(IdentifyCns.Controller), data);
        return WireStruct.Read<IdentifyController>(data).Vmas;
    }

    private void GetLog(LogPageId page, Span<byte> data, ulong offset, ushort specific, byte parameter = 0, uint nsid = 0)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(page, data.Length, offset, nsid);
        entry.Cdw10 |= (uint)parameter << 8;
        entry.Cdw11 |= (uint)specific << 16;
        _host.Succeed($"Get Log Page {(byte)page:X2}h", entry, data);
    }
}
