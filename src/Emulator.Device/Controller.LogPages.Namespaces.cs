using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Log pages that tell a host of changes to its namespaces: what they are, and whether it may access them.</summary>
public sealed partial class Controller
{
    /// <summary>ANACAP: optimized and inaccessible; the group of a namespace never changes (bit 6).</summary>
    private const byte OfferedAnaStates = 1 << 6 | 1 << 2 | 1 << 0;

    private readonly SortedSet<uint> _changedNamespaces = [];

    private ulong _anaChanges = 1;

    /// <summary>
    /// A namespace was attached, detached, deleted or formatted, and this controller's host did not do it (Base 2.1,
    /// 5.1.12.1.5).
    /// </summary>
    internal void ReportNamespaceChange(uint nsid)
    {
        _changedNamespaces.Add(nsid);
        Raise(new AsyncEventResult(
            AsyncEventType.Notice,
            (byte)AsyncNotice.AttachedNamespaceAttributeChanged,
            LogPageId.ChangedAttachedNamespaceList));
    }

    /// <summary>The fence of this controller's VM went up or down (Base 2.1, 8.1.1).</summary>
    internal void ReportAccessChange()
    {
        _anaChanges++;
        Raise(new AsyncEventResult(
            AsyncEventType.Notice,
            (byte)AsyncNotice.AsymmetricNamespaceAccessChange,
            LogPageId.AsymmetricNamespaceAccess));
    }

    /// <summary>LID 04h. There cannot be more namespaces than the list has room for.</summary>
    private void WriteChangedNamespaces(ref LogPageReader page)
    {
        foreach (uint nsid in _changedNamespaces)
            page.Append(new U32Le(nsid));
        page.Skip(NamespaceList.Size - page.Length);
    }

    /// <summary>LID 0Ch (Base 2.1, 5.1.12.1.13): one group with every namespace, as this controller's VM may access them.</summary>
    private void WriteAnaLog(byte specific, ref LogPageReader page)
    {
        const byte groupsOnly = 1;
        bool withNamespaces = (specific & groupsOnly) == 0;
        page.Append(new AnaLogHeader { Chgc = _anaChanges, Nagd = 1 });
        page.Append(new AnaGroupDescriptor
        {
            Agid = AnaGroup,
            Nnv = withNamespaces ? (uint)ActiveNamespaces.Count() : 0,
            Chgc = _anaChanges,
            Anasa = Vm.IsFenced ? AnaState.Inaccessible : AnaState.Optimized,
        });
        if (!withNamespaces)
            return;
        foreach (Namespace ns in ActiveNamespaces)
            page.Append(new U32Le(ns.Nsid));
    }
}
