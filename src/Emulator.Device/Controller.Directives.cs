using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Directive Receive and Directive Send (Base 2.1, 5.1.6 and 5.1.7) with the directives Identify and Streams (8.1.8.2 and
/// 8.1.8.3), and the directive of a command that writes.
/// </summary>
public sealed partial class Controller
{
    private const uint StreamsBit = 1u << (int)DirectiveType.Streams;
    private const uint IdentifyBit = 1u << (int)DirectiveType.Identify;

    private StreamResources Streams => _drive.Streams;

    private CommandOutcome ReceiveDirective(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        bool isWhole = entry.Nsid == BroadcastNsid;
        Namespace? ns = FindActive(entry.Nsid);
        if (ns == null && !isWhole)
            return Failed(now, NamespaceProblem(entry.Nsid));

        byte operation = (byte)entry.Cdw11;
        switch ((DirectiveType)(byte)(entry.Cdw11 >> 8))
        {
            case DirectiveType.Identify when operation == (byte)IdentifyReceiveOperation.ReturnParameters && ns != null:
                return Transferred(now, entry, IdentifyParameters(ns), data);
            case DirectiveType.Streams when isWhole || Streams.IsEnabled(Host.HostId, entry.Nsid):
                return ReceiveStreams(now, entry, (StreamsReceiveOperation)operation, ns, data);
            default:
                return Failed(now, Status.InvalidField);
        }
    }

    private CommandOutcome SendDirective(SimTime now, in SubmissionEntry entry)
    {
        if (FindActive(entry.Nsid) == null && entry.Nsid != BroadcastNsid)
            return Failed(now, NamespaceProblem(entry.Nsid));

        byte operation = (byte)entry.Cdw11;
        switch ((DirectiveType)(byte)(entry.Cdw11 >> 8))
        {
            case DirectiveType.Identify when operation == (byte)IdentifySendOperation.EnableDirective:
                return EnableDirective(now, entry);
            case DirectiveType.Streams when Streams.IsEnabled(Host.HostId, entry.Nsid):
                return SendStreams(now, entry, (StreamsSendOperation)operation);
            default:
                return Failed(now, Status.InvalidField);
        }
    }

    private IdentifyDirectiveParameters IdentifyParameters(Namespace ns) => new()
    {
        Dirs = IdentifyBit | StreamsBit,
        Dire = IdentifyBit | (Streams.IsEnabled(Host.HostId, ns.Nsid) ? StreamsBit : 0),
    };

    /// <summary>Enable Directive (Base 2.1, 8.1.8.2.2.1): for one namespace, or with FFFFFFFFh for all that are attached.</summary>
    private CommandOutcome EnableDirective(SimTime now, in SubmissionEntry entry)
    {
        const uint enable = 1;
        const uint known = 0xFF01;
        if ((entry.Cdw12 & ~known) != 0 || (DirectiveType)(entry.Cdw12 >> 8) != DirectiveType.Streams)
            return Failed(now, Status.InvalidField);
        foreach (Namespace ns in ActiveNamespaces)
        {
            if (entry.Nsid != BroadcastNsid && entry.Nsid != ns.Nsid)
                continue;
            if ((entry.Cdw12 & enable) != 0)
                Streams.Enable(Host.HostId, ns.Nsid);
            else
                Streams.Disable(Host.HostId, ns.Nsid);
        }

        return CommandOutcome.Success(now);
    }

    /// <param name="ns">Null for the whole subsystem.</param>
    private CommandOutcome ReceiveStreams(
        SimTime now, in SubmissionEntry entry, StreamsReceiveOperation operation, Namespace? ns, Span<byte> data)
    {
        switch (operation)
        {
            case StreamsReceiveOperation.ReturnParameters:
                return Transferred(now, entry, StreamsParametersOf(ns), data);
            case StreamsReceiveOperation.GetStatus:
                return Transferred(now, entry, StreamStatus(ns), data);
            case StreamsReceiveOperation.AllocateResources when ns != null:
                return AllocateStreams(now, entry);
            default:
                return Failed(now, Status.InvalidField);
        }
    }

    private StreamsParameters StreamsParametersOf(Namespace? ns)
    {
        var parameters = new StreamsParameters
        {
            Msl = (ushort)Streams.Limit,
            Nssa = (ushort)Streams.Available,
            Nsso = (ushort)Streams.SharedOpen,
        };
        if (ns == null)
            return parameters;
        int writePages = _drive.PagesPerProgram;
        parameters.Sws = (uint)(writePages * FlashGeometry.PageBytes) >> ns.BlockShift;
        parameters.Sgs = (ushort)Math.Min(_drive.PagesPerSuperblock / writePages, ushort.MaxValue);
        parameters.Nsa = (ushort)Streams.AllocatedTo(Host.HostId, ns.Nsid);
        parameters.Nso = (ushort)Streams.OpenIn(Host.HostId, ns.Nsid).Length;
        return parameters;
    }

    /// <summary>Get Status (Base 2.1, 8.1.8.3.1.2): how many streams are open, and their identifiers.</summary>
    private byte[] StreamStatus(Namespace? ns)
    {
        ushort[] open = ns == null ? Streams.OpenShared() : Streams.OpenIn(Host.HostId, ns.Nsid);
        byte[] status = new byte[(open.Length + 1) * sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(status, (ushort)open.Length);
        for (int i = 0; i < open.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(status.AsSpan((i + 1) * sizeof(ushort)), open[i]);
        return status;
    }

    /// <summary>Allocate Resources (Base 2.1, 8.1.8.3.1.3); dword 0 tells how many streams were allocated.</summary>
    private CommandOutcome AllocateStreams(SimTime now, in SubmissionEntry entry)
    {
        if (entry.Cdw12 > ushort.MaxValue || Streams.AllocatedTo(Host.HostId, entry.Nsid) != 0)
            return Failed(now, Status.InvalidField);
        int granted = Streams.Allocate(Host.HostId, entry.Nsid, (ushort)entry.Cdw12);
        return granted > 0 || Streams.Available > 0
            ? CommandOutcome.Success(now, (uint)granted)
            : Failed(now, Status.StreamResourceAllocationFailed);
    }

    private CommandOutcome SendStreams(SimTime now, in SubmissionEntry entry, StreamsSendOperation operation)
    {
        switch (operation)
        {
            case StreamsSendOperation.ReleaseIdentifier:
                Streams.ReleaseIdentifier(Host.HostId, entry.Nsid, (ushort)(entry.Cdw11 >> 16));
                return CommandOutcome.Success(now);
            case StreamsSendOperation.ReleaseResources:
                Streams.ReleaseResources(Host.HostId, entry.Nsid);
                return CommandOutcome.Success(now);
            default:
                return Failed(now, Status.InvalidField);
        }
    }

    private CommandOutcome Transferred<T>(SimTime now, in SubmissionEntry entry, in T structure, Span<byte> data)
        where T : unmanaged =>
        Transferred(now, entry, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in structure)), data);

    /// <summary>As much of a structure as the host asked for; the rest of its buffer is cleared.</summary>
    private CommandOutcome Transferred(
        SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> structure, Span<byte> data)
    {
        ulong wanted = (entry.Cdw10 + 1UL) * sizeof(uint);
        if (wanted > (uint)data.Length)
            return Failed(now, Status.DataSglLengthInvalid);
        data.Clear();
        structure[..(int)Math.Min(wanted, (uint)structure.Length)].CopyTo(data);
        return CommandOutcome.Success(now);
    }

    /// <summary>
    /// The stream that a command writes to (Base 2.1, 8.1.8.1), and the VM that writes. DTYPE and DSPEC are ignored as long
    /// as no directive is enabled, and stream 0 is none; with one enabled, every other is an invalid field. A stream that a
    /// VM is bound to is one in any case. Into a namespace that a VM is moving to, data without a stream goes where the VM
    /// had put it.
    /// </summary>
    /// <returns>As of <see cref="SelectWriter"/>.</returns>
    private Status SelectStream(Namespace ns, in SubmissionEntry entry, out WriteStream stream, out VmCaching writer)
    {
        stream = WriteStream.Host;
        Status status = SelectWriter(entry, out writer);
        if (ns.Placement is { } placement && (entry.Cdw12 & NvmCommandFields.Dtype) == 0)
            stream = placement.StreamOf(Streams, ns.Nsid, ns.PagesOf(new BlockRange(entry.Cdw10And11, 1)).First);
        if ((entry.Cdw12 & NvmCommandFields.Dtype) == 0 || !status.IsSuccess)
            return status;
        var id = (ushort)(entry.Cdw13 >> NvmCommandFields.DspecShift);
        if (id != 0 && (writer != _slot.Caching || Streams.IsEnabled(Host.HostId, entry.Nsid)))
            stream = Streams.ForWrite(Host.HostId, entry.Nsid, id);
        return status;
    }

    /// <summary>The VM that a command that changes blocks is of, by the stream that it carries.</summary>
    /// <returns>Success, Invalid Field, or Asymmetric Access Inaccessible if the VM is fenced.</returns>
    private Status SelectWriter(in SubmissionEntry entry, out VmCaching writer)
    {
        writer = _slot.Caching;
        if ((entry.Cdw12 & NvmCommandFields.Dtype) == 0)
            return Status.Success;
        if (!IsDirectiveKnown(entry))
            return Status.InvalidField;
        if (FindWriter(entry, (ushort)(entry.Cdw13 >> NvmCommandFields.DspecShift)) is not { } bound)
            return Status.Success;
        writer = bound.Caching;
        return bound.Vm.Admit();
    }

    /// <summary>The VM that is bound to the stream of a command.</summary>
    private BoundVm? FindWriter(in SubmissionEntry entry, ushort stream) =>
        (DirectiveType)((entry.Cdw12 & NvmCommandFields.Dtype) >> NvmCommandFields.DtypeShift) == DirectiveType.Streams
            ? _slot.FindBound(stream)
            : null;

    /// <summary>Whether DTYPE names an enabled directive, or none is enabled.</summary>
    private bool IsDirectiveKnown(in SubmissionEntry entry) =>
        (DirectiveType)((entry.Cdw12 & NvmCommandFields.Dtype) >> NvmCommandFields.DtypeShift)
            is 0 or DirectiveType.Streams
        || !Streams.IsEnabled(Host.HostId, entry.Nsid);

    /// <summary>A controller level reset disables the directives of its host, unless that has another one (8.1.8.2.2.1).</summary>
    private void ForgetStreams()
    {
        foreach (Controller other in _drive.ConnectedControllers)
        {
            if (other != this && other.IsReady && other.Host.HostId == Host.HostId)
                return;
        }

        Streams.ForgetHost(Host.HostId);
    }
}
