using System.Buffers.Binary;
using System.Numerics;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// What a transfer asks a peer before it writes there: whether it is a drive that can be a destination, whether the host
/// may manage the target, whether that receives, and whether every namespace fits. One command after the other.
/// </summary>
internal sealed class PeerExamination(TransferPlan plan, IReadOnlyList<ICopySource> sources)
{
    private const uint AnyBlockSizeBits = 0xF;

    private static readonly SimDuration AskAgainAfter = SimDuration.FromMilliseconds(50);

    private IPeer _peer = null!;
    private Step _step;
    private int _source;
    private int _slot = -1;
    private ushort? _before;
    private bool _isBeforeGone;
    private UInt128? _medium;
    private UInt128? _powerCycles;
    private SimTime _begun;
    private SimTime _now;

    private enum Step
    {
        Controller,
        Activate,
        Target,

        /// <summary>How often it was switched on, under a scheme: what it has not flushed could be gone.</summary>
        Health,

        /// <summary>The controller of the connection before, until nothing that it was sent can still be done.</summary>
        Before,
        Namespaces,
        Over,
    }

    /// <summary>All questions are answered, or one in a way that ends it.</summary>
    public bool IsOver => _step == Step.Over;

    /// <summary>Why this peer is none to write to; none if it is one.</summary>
    public DirectTransferReason Reason { get; private set; }

    public string Problem { get; private set; } = "";

    /// <summary>With which the peer refused a question; success otherwise.</summary>
    public Status Status { get; private set; }

    /// <summary>The longest transfer in bytes.</summary>
    public int MostBytes { get; private set; }

    /// <summary>It has a volatile write cache.</summary>
    public bool IsVolatile { get; private set; }

    /// <summary>Base-two logarithm of the bytes of its tracking granule.</summary>
    public int GranuleShift { get; private set; }

    /// <summary>When the next question is due, if none is open.</summary>
    public SimTime Due { get; private set; } = SimTime.Never;

    public void Begin(SimTime now, IPeer peer)
    {
        _peer = peer;
        _slot = -1;
        _begun = now;
        _isBeforeGone = _before == null || _before == peer.ControllerId;
        Due = SimTime.Never;
        _step = Step.Controller;
        _source = 0;
        (Reason, Problem, Status) = (DirectTransferReason.None, "", default);
        Ask(now);
    }

    public bool Owns(int slot) => slot == _slot;

    public void Advance(SimTime now)
    {
        if (now >= Due)
            Ask(now);
    }

    public void Completed(SimTime now, int slot, PeerCompletion completion)
    {
        Step asked = _step;
        _now = now;
        if (completion.Status.IsSuccess)
            Read(_peer.Admin.Buffer(slot), completion);
        else
            Refused(completion.Status);
        _slot = -1;
        _peer.Admin.Release(slot);
        if (Reason != DirectTransferReason.None)
            _step = Step.Over;
        else
            Next(asked);
        if (IsOver)
            Accept();
        else if (_step == Step.Before && asked == Step.Before)
            Due = now + AskAgainAfter;
        else
            Ask(now);
    }

    private void Next(Step asked)
    {
        _step = asked switch
        {
            Step.Controller => plan.Activates ? Step.Activate : Step.Target,
            Step.Activate => Step.Target,
            Step.Target when plan.Scheme != DirectTransferScheme.None => Step.Health,
            Step.Target or Step.Health or Step.Before => _isBeforeGone ? Step.Namespaces : Step.Before,
            _ => ++_source < sources.Count ? Step.Namespaces : Step.Over,
        };
        if (_step == Step.Namespaces && _source == sources.Count)
            _step = Step.Over;
    }

    private void Ask(SimTime now)
    {
        Due = SimTime.Never;
        Check.That(_peer.Admin.TryAcquire(out _slot));
        (SubmissionEntry entry, int length) = Question();
        _peer.Admin.Entry(_slot) = entry;
        _peer.Admin.Submit(now, _slot, length);
    }

    private (SubmissionEntry Entry, int Length) Question()
    {
        const VmMigrationFlags receiving = VmMigrationFlags.Active | VmMigrationFlags.Destination;
        uint target = (uint)plan.TargetThere << 16;
        return _step switch
        {
            Step.Controller => (new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.Identify,
                Cdw10 = (uint)IdentifyCns.Controller,
            }, IdentifyController.Size),
            Step.Activate => (new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.SetFeatures,
                Cdw10 = (uint)FeatureId.VmMigration,
                Cdw11 = target | (uint)receiving,
                Cdw12 = VendorCommandSet.KeepThreshold,
            }, 0),
            Step.Target or Step.Before => (new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.GetFeatures,
                Cdw10 = (uint)FeatureId.VmMigration,
                Cdw11 = _step == Step.Before ? (uint)_before!.Value << 16 : target,
            }, VmMigrationStatus.Size),
            Step.Health => (new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.GetLogPage,
                Nsid = uint.MaxValue,
                Cdw10 = (uint)LogPageId.SmartHealth | (((SmartHealth.Size / sizeof(uint)) - 1) << 16),
            }, SmartHealth.Size),
            _ => (new SubmissionEntry
            {
                Opcode = (byte)AdminOpcode.Identify,
                Nsid = sources[_source].Nsid,
                Cdw10 = (uint)IdentifyCns.Namespace,
            }, IdentifyNamespace.Size),
        };
    }

    private void Read(ReadOnlySpan<byte> data, PeerCompletion completion)
    {
        switch (_step)
        {
            case Step.Controller when completion.Transferred < IdentifyController.Size:
            case Step.Namespaces when completion.Transferred < IdentifyNamespace.Size:
                Refuse(DirectTransferReason.NoMigrationAssist, "Identify is too short");
                break;
            case Step.Controller:
                ReadController(WireStruct.Read<IdentifyController>(data[..IdentifyController.Size]));
                break;
            case Step.Target:
                ReadTarget((VmMigrationFlags)(completion.Dw0 & ushort.MaxValue), WireStruct.Read<VmMigrationStatus>(data[..VmMigrationStatus.Size]));
                break;
            case Step.Health when completion.Transferred < SmartHealth.Size:
                Refuse(DirectTransferReason.NoMigrationAssist, "the health log is too short");
                break;
            case Step.Health:
                ReadHealth(WireStruct.Read<SmartHealth>(data[..SmartHealth.Size]));
                break;
            case Step.Before:
                _isBeforeGone = WireStruct.Read<VmMigrationStatus>(data[..VmMigrationStatus.Size]).IsConnected == 0;
                break;
            case Step.Namespaces:
                ReadNamespace(WireStruct.Read<IdentifyNamespace>(data[..IdentifyNamespace.Size]));
                break;
        }
    }

    private void ReadController(in IdentifyController identity)
    {
        const int smallestPageBytes = 4096;
        VmasSupport support = identity.Vmas;
        if (support.Signature != VmasSupport.SignatureValue || support.Version >> 8 != VmasSupport.Version10 >> 8
            || (support.Capabilities & (uint)VmasCapabilities.DestinationRole) == 0)
            Refuse(DirectTransferReason.NoMigrationAssist, "no destination of VM Migration Assist 1");
        else if (plan.Mode == DirectTransferMode.Checksums && (support.Capabilities & (uint)VmasCapabilities.RangeChecksums) == 0)
            Refuse(DirectTransferReason.NoMigrationAssist, "a destination without range checksums");
        else if (plan.Form == DirectTransferForm.Stored && (support.Capabilities & (uint)VmasCapabilities.EncodedStreamTransfer) == 0)
            Refuse(DirectTransferReason.FormsDiffer, "a destination that takes no pages in stored form");
        GranuleShift = BitOperations.Log2(support.TrackingGranule);
        MostBytes = identity.Mdts is 0 or > 16 ? int.MaxValue : smallestPageBytes << identity.Mdts;
        IsVolatile = (identity.Vwc & 1) != 0;
    }

    private void ReadTarget(VmMigrationFlags flags, in VmMigrationStatus page)
    {
        UInt128 medium = BinaryPrimitives.ReadUInt128BigEndian(page.Medium);
        const VmMigrationFlags receiving = VmMigrationFlags.Active | VmMigrationFlags.Destination;
        if ((flags & receiving) != receiving)
            Refuse(DirectTransferReason.NotReceiving, $"target {plan.TargetThere:X}h there is not an active destination");
        else if (_medium != null && _medium != medium)
            Refuse(DirectTransferReason.MediumReplaced, "the destination is on another medium than before");
        _medium = medium;
    }

    /// <summary>A scheme cannot say which of the writes that a drive acknowledged it has lost with its power.</summary>
    private void ReadHealth(in SmartHealth health)
    {
        if (IsVolatile && _powerCycles != null && _powerCycles != health.Pwrc)
            Refuse(DirectTransferReason.MediumReplaced, "the destination was switched off: what it had not flushed is gone");
        _powerCycles = health.Pwrc;
    }

    private void ReadNamespace(in IdentifyNamespace identity)
    {
        ICopySource source = sources[_source];
        int shift = identity.Lbaf[identity.Flbas & (int)AnyBlockSizeBits].Lbads;
        if (identity.Nsze == 0)
            Refuse(DirectTransferReason.NamespaceMissing, $"namespace {source.Nsid} is not there for this host");
        else if (shift != source.BlockShift)
            Refuse(DirectTransferReason.NamespaceFormat, $"namespace {source.Nsid} has blocks of {1L << shift} bytes");
        else if (identity.Nsze < source.BlockCount)
            Refuse(DirectTransferReason.NamespaceTooSmall, $"namespace {source.Nsid} has {(ulong)identity.Nsze} blocks, not {source.BlockCount}");
        else if (plan.Form == DirectTransferForm.Stored && !StoresAlike(source.FormSupport, identity))
            Refuse(DirectTransferReason.FormsDiffer, $"namespace {source.Nsid} is stored otherwise, or with another key");
    }

    private bool StoresAlike(StoredFormSupport here, in IdentifyNamespace there) =>
        here.Signature == StoredFormSupport.SignatureValue
        && MostBytes >= VendorCommandSet.LeastStoredPagesBytes
        && ((ReadOnlySpan<byte>)WireStruct.Bytes(ref here)).SequenceEqual(((ReadOnlySpan<byte>)there.Vs)[..StoredFormSupport.Size]);

    private void Refused(Status status)
    {
        if (_step == Step.Before)
        {
            // No such controller any more, or none that this host may ask about: then it ends by its keep-alive timer.
            _isBeforeGone = status.Matches(Status.InvalidField) || _now - _begun > plan.Peer.KeepAlive;
            return;
        }

        Status = status;
        if (_step is Step.Activate or Step.Target)
        {
            bool isBusy = status.Matches(Status.MigrationBusy);
            Refuse(isBusy ? DirectTransferReason.NotReceiving : DirectTransferReason.NotAManager, $"target {plan.TargetThere:X}h there: {status}");
        }
        else
        {
            Refuse(
                _step == Step.Controller ? DirectTransferReason.NoMigrationAssist : DirectTransferReason.NamespaceMissing,
                $"Identify: {status}");
        }
    }

    /// <summary>From now on commands are sent to it that must not be done once there is another connection.</summary>
    private void Accept()
    {
        if (Reason == DirectTransferReason.None)
            _before = _peer.ControllerId;
    }

    private void Refuse(DirectTransferReason reason, string problem) => (Reason, Problem) = (reason, problem);
}
