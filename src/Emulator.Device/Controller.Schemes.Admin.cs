using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What of C5h is about a scheme, and what cannot be done while one is under way.</summary>
public sealed partial class Controller
{
    private static bool AreSchemeFieldsValid(in DirectTransferRequest request)
    {
        var scheme = (DirectTransferScheme)request.Scheme;
        bool isTracking = scheme == DirectTransferScheme.DirtyBlockTracking;
        bool isAsynchronous = scheme == DirectTransferScheme.AsynchronousMirroring;
        return scheme <= DirectTransferScheme.AsynchronousMirroring
            && request.FallBack <= (byte)DirectTransferFallBack.GiveUp
            && (isTracking || (request.FallBack | request.MostRounds | request.StableRounds | request.StablePercent) == 0)
            && (isAsynchronous || (request.PendingThreshold | request.PendingDelay) == 0)
            && request.PendingThreshold <= MostPendingThreshold
            && request.PendingDelay <= MostPendingDelay
            && (scheme == DirectTransferScheme.None
                || (request.Form == (byte)DirectTransferForm.Decoded && request.Mode != (byte)DirectTransferMode.Checksums));
    }

    private const uint MostPendingThreshold = 65_536;
    private const uint MostPendingDelay = 1_000_000;

    private static SchemeOptions? ReadSchemeOptions(in DirectTransferRequest request)
    {
        if (request.Scheme == (byte)DirectTransferScheme.None)
            return null;
        var standard = new SchemeOptions { Kind = KindOf((DirectTransferScheme)request.Scheme) };
        return standard with
        {
            FallBack = (DirtyFallBack)request.FallBack,
            ConvergedBytes = request.ConvergedBytes == 0 ? standard.ConvergedBytes : (long)Math.Min(request.ConvergedBytes, long.MaxValue),
            MostRounds = request.MostRounds == 0 ? standard.MostRounds : request.MostRounds,
            StableRounds = request.StableRounds == 0 ? standard.StableRounds : request.StableRounds,
            StablePercent = request.StablePercent == 0 ? standard.StablePercent : request.StablePercent,
            PendingThreshold = request.PendingThreshold == 0 ? standard.PendingThreshold : (int)(uint)request.PendingThreshold,
            PendingDelay = request.PendingDelay == 0 ? standard.PendingDelay : SimDuration.FromMicroseconds((uint)request.PendingDelay),
        };
    }

    private static SchemeKind KindOf(DirectTransferScheme scheme) => scheme switch
    {
        DirectTransferScheme.DirtyBlockTracking => SchemeKind.DirtyBlockTracking,
        DirectTransferScheme.Mirroring => SchemeKind.Mirroring,
        DirectTransferScheme.LowRedundancy => SchemeKind.LowRedundancy,
        DirectTransferScheme.SourceLowRedundancy => SchemeKind.SourceLowRedundancy,
        _ => SchemeKind.AsynchronousMirroring,
    };

    /// <summary>
    /// A namespace goes through a scheme as a whole: a VM that shares it, or its controller, with others cannot take it
    /// along.
    /// </summary>
    private bool MayUseScheme(VmTarget target) => target.Bound == null && !SharesNamespaces(target.Vm);

    /// <summary>
    /// Whether an admin command would change a namespace behind the back of its scheme, or tell what its blocks hold while
    /// the source does not know.
    /// </summary>
    private bool IsBarredByScheme(in SubmissionEntry entry)
    {
        var opcode = (AdminOpcode)entry.Opcode;
        bool changes = opcode is AdminOpcode.FormatNvm or AdminOpcode.Sanitize or AdminOpcode.NamespaceAttachment
            || (opcode == AdminOpcode.NamespaceManagement && entry.Cdw10 == SelectDelete)
            || (opcode == AdminOpcode.Snapshot && (SnapshotAction)(byte)entry.Cdw10 == SnapshotAction.Restore);
        bool tells = opcode == AdminOpcode.ReadStoredPages
            || (opcode == AdminOpcode.Snapshot && (SnapshotAction)(byte)entry.Cdw10 == SnapshotAction.Create)
            || (opcode == AdminOpcode.GetLogPage && (LogPageId)(byte)entry.Cdw10 == LogPageId.RangeChecksums);
        if (!changes && !tells)
            return false;
        bool isAbout = false;
        foreach (Namespace ns in _drive.Namespaces.All)
        {
            bool isMeant = opcode == AdminOpcode.Sanitize || entry.Nsid == BroadcastNsid || entry.Nsid == ns.Nsid;
            isAbout |= isMeant && ns.Front is { IsOpen: false } front && (changes || front.IsBehind);
        }

        return isAbout;
    }
}
