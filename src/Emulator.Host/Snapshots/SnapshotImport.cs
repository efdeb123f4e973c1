using System.Net.Sockets;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>
/// Brings an image into a namespace. Nothing is written before the image and the namespace were found to fit; what the
/// namespace holds is compared with the checksums of the image afterwards.
/// </summary>
/// <param name="path">How the user calls the image.</param>
internal sealed class SnapshotImport(SnapshotClient client, SnapshotImage image, string path)
{
    /// <exception cref="UserErrorException">The namespace has other blocks, or does not hold what the image builds on.</exception>
    /// <exception cref="SnapshotImageException">The image is damaged, or something went wrong in the middle.</exception>
    public void Run()
    {
        image.Verify();
        SnapshotImageHeader header = image.Header;
        (ulong blocks, uint blockBytes) = client.ReadGeometry();
        if (blocks != header.Blocks || blockBytes != header.BlockBytes)
        {
            throw new UserErrorException(
                $"{path} is of {header.Blocks} blocks of {header.BlockBytes} bytes, and namespace {client.Target.Nsid} has {blocks} of {blockBytes}");
        }

        if (!header.IsIncremental)
        {
            Apply(before: null);
            return;
        }

        if (!client.ReadDigests(header.Bytes).Contents.AsSpan().SequenceEqual(header.BaseContents))
        {
            throw new UserErrorException(
                $"{path} builds on snapshot {header.Base}, and namespace {client.Target.Nsid} holds something else: "
                + "import the image of that one first, and write nothing in between");
        }

        ushort? before = TryMakeSnapshot();
        Apply(before);
        if (before is { } id)
            client.Execute(SnapshotAction.Delete, id);
    }

    /// <summary>Without a snapshot of what was there before an image is imported all the same.</summary>
    private ushort? TryMakeSnapshot()
    {
        try
        {
            return client.Execute(SnapshotAction.Create);
        }
        catch (HostCommandException e) when (e.Status.Matches(Status.LimitReached) || e.Status.Matches(Status.WriteFault))
        {
            return null;
        }
    }

    private void Apply(ushort? before)
    {
        try
        {
            foreach (ImageRecord record in image.ReadRecords())
                client.Write(record, record.Kind == (uint)ImageRecordKind.Data ? image.DataOf(record) : [], image.Header.Blocks, image.Header.BlockBytes);
            client.Flush();
        }
        catch (HostCommandException e) when (before is { } id && TryUndo(id))
        {
            throw new SnapshotImageException($"{e.Message}; namespace {client.Target.Nsid} is what it was before", e);
        }
        catch (Exception e) when (e is HostCommandException or HostConnectionException or TimeoutException or SocketException or SnapshotImageException)
        {
            throw new SnapshotImageException($"{e.Message}; {WhatIsLeft(before)}", e);
        }

        int different = client.ReadDigests(image.Header.Bytes).FirstDifference(image.Digests);
        if (different >= 0)
        {
            throw new SnapshotImageException(
                $"namespace {client.Target.Nsid} does not hold what {path} says, from MiB {different} on: something else writes to it, "
                + $"or the drive is broken; {WhatIsLeft(before)}");
        }
    }

    private bool TryUndo(ushort id)
    {
        try
        {
            client.Execute(SnapshotAction.Restore, id);
            client.Execute(SnapshotAction.Delete, id);
            return true;
        }
        catch (Exception e) when (e is HostCommandException or HostConnectionException or TimeoutException or SocketException)
        {
            return false;
        }
    }

    private string WhatIsLeft(ushort? before) => $"namespace {client.Target.Nsid} holds a part of it: " + before switch
    {
        { } id => $"snapshot {id} is what it was before (emulator snapshot restore {id})",
        null when image.Header.IsIncremental => "begin again with the full image",
        null => "import it again",
    };
}
