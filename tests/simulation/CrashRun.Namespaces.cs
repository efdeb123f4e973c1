using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.SimulationTests;

/// <summary>Namespaces that come and go, and what is left of them after a loss of power.</summary>
internal sealed partial class CrashRun
{
    private const int MostNamespaces = 3;

    private void ChangeNamespaces()
    {
        if (_scenario.Mode == LossMode.VirtualTime)
            _clock.Advance(_drive!, SimDuration.FromMilliseconds(20));
        switch (_random.Below(3))
        {
            case 0 when _disks.Count < MostNamespaces:
                CreateNamespace();
                break;
            case 1 when _disks.Count > 1:
                DeleteNamespace();
                break;
            case 2:
                FormatNamespace();
                break;
        }
    }

    private void CreateNamespace()
    {
        LbaFormatIndex format = _random.Chance(50) ? LbaFormatIndex.Bytes4096 : LbaFormatIndex.Bytes512;
        int blocks = 8 * (1 + _random.Below(20));
        int blockBytes = format == LbaFormatIndex.Bytes512 ? 512 : 4096;
        uint expected = 1;
        while (_disks.ContainsKey(expected))
            expected++;
        _change = new Change(ChangeKind.Create, expected, blockBytes, blocks, SimTime.Never);
        byte[] data = new byte[4096];
        WireStruct.Write(data, new NamespaceManagementData { Nsze = (ulong)blocks, Ncap = (ulong)blocks, Flbas = (byte)format });
        CommandOutcome outcome = _host.Admin(AdminOpcode.NamespaceManagement, data);
        if (!outcome.IsSuccess)
        {
            _change = default;
            return;
        }

        if (outcome.Dw0 != expected)
            throw Failure($"namespace {outcome.Dw0} was made instead of {expected}");
        _disks[expected] = new ReferenceDisk(blockBytes, blocks);
        Changed(outcome);
        Attach(expected);
    }

    private void DeleteNamespace()
    {
        uint nsid = _disks.Keys.ElementAt(_random.Below(_disks.Count));
        _change = new Change(ChangeKind.Delete, nsid, 0, 0, SimTime.Never);
        CommandOutcome outcome = _host.Admin(AdminOpcode.NamespaceManagement, nsid: nsid, cdw10: 1);
        if (!outcome.IsSuccess)
            throw Failure($"namespace {nsid} could not be deleted: {outcome.Status}");
        if (_scenario.Mode != LossMode.VirtualTime)
            _disks.Remove(nsid);
        ForgetSnapshotsOf(nsid);
        Changed(outcome);
        if (_scenario.Mode != LossMode.VirtualTime)
            return;

        // The host waits for the end of an admin command, unless the power goes before.
        _clock.Advance(_drive!, outcome.Due - _clock.Now);
        _change = default;
        _disks.Remove(nsid);
    }

    private void FormatNamespace()
    {
        (uint nsid, ReferenceDisk disk) = AnyDisk(_random);
        LbaFormatIndex format = _random.Chance(50) ? LbaFormatIndex.Bytes4096 : LbaFormatIndex.Bytes512;
        int blockBytes = format == LbaFormatIndex.Bytes512 ? 512 : 4096;
        int blocks = disk.Blocks * disk.BlockBytes / blockBytes;
        if (blocks == 0 || blocks * blockBytes != disk.Blocks * disk.BlockBytes)
            return;
        _change = new Change(ChangeKind.Format, nsid, blockBytes, blocks, SimTime.Never);
        CommandOutcome outcome = _host.Admin(AdminOpcode.FormatNvm, nsid: nsid, cdw10: (uint)format);
        if (outcome.Status.Matches(Status.CapacityExceeded) && _scenario.SnapshotChanges > 0)
        {
            _change = default;
            return;
        }

        if (!outcome.IsSuccess)
            throw Failure($"namespace {nsid} could not be formatted: {outcome.Status}");
        Changed(outcome);
        if (_scenario.Mode == LossMode.VirtualTime)
            _clock.Advance(_drive!, outcome.Due - _clock.Now);
        _change = default;
        _disks[nsid] = new ReferenceDisk(blockBytes, blocks);
        if (!_snapshots.Values.Any(snapshot => snapshot.Nsid == nsid))
            _damaged.RemoveWhere(damaged => damaged.Nsid == nsid);
    }

    private void Attach(uint nsid)
    {
        byte[] controllers = new byte[ControllerList.Size];
        controllers[0] = 1;
        controllers[2] = (byte)_host.ControllerId;
        CommandOutcome outcome = _host.Admin(AdminOpcode.NamespaceAttachment, controllers, nsid);
        if (!outcome.IsSuccess && !outcome.Status.Matches(Status.NamespaceAlreadyAttached))
            throw Failure($"namespace {nsid} could not be attached: {outcome.Status}");
        if (_scenario.Mode == LossMode.VirtualTime)
            _clock.Advance(_drive!, SimDuration.Zero < outcome.Due - _clock.Now ? outcome.Due - _clock.Now : SimDuration.Zero);
    }

    private void Changed(CommandOutcome outcome)
    {
        _change = _change with { Due = outcome.Due };
        if (_scenario.Mode == LossMode.VirtualTime)
            return;
        _change = default;
        EndFlushes(_clock.Now);
    }

    /// <summary>Which namespaces are there, and what a command that was interrupted did.</summary>
    private void Reconcile()
    {
        byte[] list = _host.Identify(IdentifyCns.AllocatedNamespaceList);
        var there = new List<uint>();
        for (int i = 0; NamespaceList.Entry(list, i) is var nsid && nsid != 0; i++)
            there.Add(nsid);
        if (_change.Kind == ChangeKind.Create && !there.Contains(_change.Nsid))
            _disks.Remove(_change.Nsid);
        if (_change.Kind == ChangeKind.Create && there.Contains(_change.Nsid))
            _disks[_change.Nsid] = new ReferenceDisk(_change.BlockBytes, _change.Blocks);
        if (_change.Kind == ChangeKind.Delete && !there.Contains(_change.Nsid))
            _disks.Remove(_change.Nsid);
        else if (_change.Kind == ChangeKind.Delete)
            _disks[_change.Nsid].MayBeZero();

        if (!there.SequenceEqual(_disks.Keys))
            throw Failure($"namespaces {string.Join(' ', there)} are there instead of {string.Join(' ', _disks.Keys)}");
        foreach (uint nsid in there)
        {
            Attach(nsid);
            ReconcileFormat(nsid);
        }

        ReconcileSnapshots(_change.Kind == ChangeKind.Delete ? _change.Nsid : 0);
        _change = default;
    }

    private void ReconcileFormat(uint nsid)
    {
        IdentifyNamespace id = _host.IdentifyNamespace(nsid);
        int blockBytes = 1 << id.Lbaf[id.FormatIndex].Lbads;
        ReferenceDisk disk = _disks[nsid];
        bool wasFormatted = _change.Kind == ChangeKind.Format && _change.Nsid == nsid;
        if (wasFormatted && blockBytes == _change.BlockBytes && blockBytes != disk.BlockBytes)
            _disks[nsid] = disk = new ReferenceDisk(blockBytes, _change.Blocks);
        else if (wasFormatted)
            disk.MayBeZero();
        if (blockBytes != disk.BlockBytes || id.Nsze != (ulong)disk.Blocks)
            throw Failure($"namespace {nsid} has {id.Nsze} blocks of {blockBytes} bytes instead of {disk.Blocks} of {disk.BlockBytes}");
    }

    private void Verify()
    {
        Reconcile();
        VerifySnapshots();
        foreach ((uint nsid, ReferenceDisk disk) in _disks)
        {
            const int atOnce = 8;
            byte[] data = new byte[atOnce * disk.BlockBytes];
            for (int block = 0; block < disk.Blocks; block += atOnce)
            {
                int count = Math.Min(atOnce, disk.Blocks - block);
                Span<byte> part = data.AsSpan(0, count * disk.BlockBytes);
                if (_host.Transfer(IoOpcode.Read, (ulong)block, count, part, nsid).IsSuccess)
                    Check(nsid, disk, block, part);
                else
                    VerifyOneByOne(nsid, disk, block, count);
            }
        }
    }

    private void VerifyOneByOne(uint nsid, ReferenceDisk disk, int first, int count)
    {
        byte[] data = new byte[disk.BlockBytes];
        for (int block = first; block < first + count; block++)
        {
            if (_host.Transfer(IoOpcode.Read, (ulong)block, 1, data, nsid).IsSuccess)
                Check(nsid, disk, block, data);
            else
                Check(nsid, disk, block, BlockContents.Unreadable);
        }
    }

    private void Check(uint nsid, ReferenceDisk disk, int first, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i * disk.BlockBytes < data.Length; i++)
            Check(nsid, disk, first + i, BlockContents.Read(data.Slice(i * disk.BlockBytes, disk.BlockBytes)));
    }

    private void Check(uint nsid, ReferenceDisk disk, int block, long found)
    {
        if (!disk.MayBe(block, found))
            throw Failure($"block {block} of namespace {nsid} is {found}, may be {disk.Describe(block)}");
        disk.Found(block, found);
    }
}
