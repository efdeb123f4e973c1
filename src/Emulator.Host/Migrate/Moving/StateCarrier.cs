using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// Carries the VM's storage state: reads log page D1h or D2h of the source in pieces, and sends them to the destination with feature
/// D1h.
/// </summary>
internal sealed class StateCarrier(ushort vm, ushort vmThere, VmStorageStateFlags flags)
{
    private const int PieceBytes = 64 * 1024;
    private const int FirstPieceBytes = 16 * 1024;

    /// <summary>The longest state that a drive takes.</summary>
    private const ulong MostBytes = 1 << 30;

    /// <summary>Bytes of states that the destination has applied.</summary>
    public ulong BytesApplied { get; private set; }

    /// <summary>The state as it is now, whole.</summary>
    /// <exception cref="MigrateException">The destination cannot take it.</exception>
    public void Send(MoverLink source, MoverLink destination) =>
        Succeed(Deliver(destination, Fetch(source, LogPageId.VmStorageState), flags));

    /// <summary>Sends what changed since, but has it only looked at: code that runs for the first time is slow.</summary>
    public void Rehearse(MoverLink source, MoverLink destination)
    {
        ulong before = BytesApplied;
        Deliver(destination, Fetch(source, LogPageId.VmDirtyState), VmStorageStateFlags.Delta | VmStorageStateFlags.ValidateOnly);
        BytesApplied = before;
    }

    /// <summary>
    /// What changed since the whole, or if somebody else has read the state since, so that the destination refuses that, again the whole.
    /// </summary>
    public void SendRest(MoverLink source, MoverLink destination)
    {
        Status status = Deliver(destination, Fetch(source, LogPageId.VmDirtyState), flags | VmStorageStateFlags.Delta);
        if (status.Matches(Status.StorageStateIncompatible))
            Send(source, destination);
        else
            Succeed(status);
    }

    private byte[] Fetch(MoverLink source, LogPageId page)
    {
        byte[] first = new byte[FirstPieceBytes];
        Ask(source, page, 0, first);
        StateContainerHeader header = WireStruct.Read<StateContainerHeader>(first);
        if (header.Magic != StateContainerHeader.MagicValue || header.TotalBytes < StateContainerHeader.Size || header.TotalBytes > MostBytes)
            throw new MigrateException($"log page {(byte)page:X2}h of the source drive is no storage state");

        // Commands carry whole dwords, and so does the state: what is beyond its end is zero.
        byte[] state = new byte[((int)(ulong)header.TotalBytes + sizeof(uint) - 1) & -sizeof(uint)];
        int have = Math.Min(state.Length, first.Length);
        first.AsSpan(0, have).CopyTo(state);
        for (; have < state.Length; have = Math.Min(state.Length, have + PieceBytes))
            Ask(source, page, (ulong)have, state.AsSpan(have, Math.Min(PieceBytes, state.Length - have)));
        return state;
    }

    private void Ask(MoverLink source, LogPageId page, ulong offset, Span<byte> data)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(page, data.Length, offset);
        entry.Cdw11 |= (uint)vm << 16;
        source.Succeed($"Get Log Page {(byte)page:X2}h", entry, data);
    }

    private Status Deliver(MoverLink destination, byte[] state, VmStorageStateFlags last)
    {
        for (int at = 0; at < state.Length; at += PieceBytes)
        {
            Span<byte> piece = state.AsSpan(at, Math.Min(PieceBytes, state.Length - at));
            VmStorageStateFlags flagsOfPiece = (at == 0 ? VmStorageStateFlags.First : 0)
                | (at + piece.Length == state.Length ? VmStorageStateFlags.Last | last : 0);
            SubmissionEntry entry = HostCommands.SetFeatures(FeatureId.VmStorageState, (uint)flagsOfPiece | ((uint)vmThere << 16));
            entry.Cdw12 = (uint)at / sizeof(uint);
            Status status = destination.Execute(entry, piece).Status;
            if (!status.IsSuccess)
                return status;
        }

        BytesApplied += (ulong)state.Length;
        return Status.Success;
    }

    private static void Succeed(Status status)
    {
        if (!status.IsSuccess)
            throw new MigrateException($"the destination drive refuses the storage state: {status}");
    }
}
