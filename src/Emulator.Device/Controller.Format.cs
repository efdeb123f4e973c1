using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Format NVM (Base 2.1, 5.1.10): of one namespace, or with FFFFFFFFh of all that are attached. It is over when the
/// command is. Nothing that was written can be read again, but for what snapshots hold, unless User Data Erase is asked for.
/// </summary>
public sealed partial class Controller
{
    /// <summary>Whether a Format of a namespace would give it blocks of another size.</summary>
    /// <param name="nsid">FFFFFFFFh for all that are attached.</param>
    /// <param name="format">LBAF, which need not be one that there is.</param>
    public bool WouldResize(uint nsid, int format) =>
        format < LbaFormats.Count && FindFormatted(nsid).Any(ns => (int)ns.Format != format);

    private CommandOutcome Format(SimTime now, in SubmissionEntry entry)
    {
        const uint reserved = 0xFFFF_C000;
        uint eraseSetting = entry.Cdw10 >> 9 & 7;
        Namespace[] affected = FindFormatted(entry.Nsid);
        if (affected.Length == 0 && entry.Nsid != BroadcastNsid)
            return Failed(now, NamespaceProblem(entry.Nsid));
        if (Vm.IsFenced)
            return Failed(now, Status.AsymmetricAccessInaccessible);
        if (affected.Any(ns => !ns.Reservations.Permits(Host.HostId, IoAccess.Write)))
            return Failed(now, Status.ReservationConflict);
        if ((entry.Cdw10 & reserved) != 0 || eraseSetting > 1)
            return Failed(now, Status.InvalidField);

        // Bits 13:12 extend the index for hosts that enabled the extended formats, of which there is none here.
        uint format = entry.Cdw10 & 0xF;
        uint protection = entry.Cdw10 >> 5 & 7;
        if (format >= LbaFormats.Count || protection != 0)
            return Failed(now, Status.InvalidFormat);
        // User Data Erase leaves nothing that can be read; without it snapshots are as other copies of the data.
        if (eraseSetting != 0 && !affected.All(ns => _drive.Snapshots.DeleteAll(now, ns)))
            return Failed(new MediumResult(now, MediumStatus.WriteFault));
        return Format(now, entry, affected, (LbaFormatIndex)format);
    }

    private CommandOutcome Format(SimTime now, in SubmissionEntry entry, Namespace[] affected, LbaFormatIndex format)
    {
        _drive.Events.Record(now, Id, PersistentEventType.FormatNvmStart, new FormatStartEvent
        {
            Nsid = entry.Nsid,
            Fmcdw10 = entry.Cdw10,
        });
        MediumResult result = MediumResult.Success(now);
        foreach (Namespace ns in affected)
        {
            _drive.SelfTest.NamespaceFormatted(now, ns.Nsid);
            result = result.And(ns.Reformat(now, format));
            Streams.ReleaseIdentifiers(ns.Nsid);
            foreach (Controller controller in _drive.ConnectedControllers)
            {
                if (ns.IsAttachedTo(controller.Id))
                    controller.ReportNamespaceChange(ns.Nsid);
            }
        }

        result = result.And(_drive.Pages.Persist(now));
        _drive.Events.Record(now, Id, PersistentEventType.FormatNvmCompletion, new FormatCompletionEvent { Nsid = entry.Nsid });
        return Ended(result);
    }

    private Namespace[] FindFormatted(uint nsid)
    {
        if (nsid == BroadcastNsid)
            return [.. ActiveNamespaces];
        return FindVisible(nsid) is { } ns ? [ns] : [];
    }
}
