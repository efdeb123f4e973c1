using Emulator.Core;

namespace Emulator.Device;

/// <summary>Identifiers that a front door gives out itself, which does not know what a host had before.</summary>
internal sealed partial class ControllerTable
{
    /// <summary>The identifier that <see cref="Reserve"/> would find for a host, without taking one from another host.</summary>
    public ushort? NumberFor(HostIdentity host) => FindLeft(host)?.Id ?? LowestFree();

    /// <summary>
    /// The slot for a host whose controller has that identifier: the one that it left, renumbered, or a new one. A host
    /// that is gone and had the identifier gets the one that this host had, or a free one.
    /// </summary>
    /// <returns>Null when the identifier belongs to a connected host, or there is none for the host that had it.</returns>
    public ControllerSlot? ReserveAs(SimTime now, HostIdentity host, ushort id)
    {
        ControllerSlot? holder = Find(id);
        if (holder?.Current is { IsInUse: true })
            return null;
        holder?.Current?.Terminate(now, CloseReason.ControllerReset);
        ControllerSlot? own = holder?.Host == host ? holder : TakeLeft(now, host);
        if (own == null)
            return TryVacate(holder) ? Add(id, host, FirstResidenceOf(host)) : null;
        if (own.Id != id)
            Exchange(own, id, holder);
        return own;
    }

    private bool TryVacate(ControllerSlot? holder)
    {
        if (holder == null)
            return true;
        if (LowestFree() is { } free)
        {
            Renumber([(holder, free)]);
            return true;
        }

        if (!holder.Vm.IsIdle || holder.Bound.Length > 0)
            return false;
        Remove(holder);
        return true;
    }

    private void Exchange(ControllerSlot own, ushort id, ControllerSlot? holder)
    {
        if (holder == null)
            Renumber([(own, id)]);
        else
            Renumber([(own, id), (holder, own.Id)]);
    }

    /// <summary>Gives slots other identifiers, all at the same time, and attaches to these what was attached to the old.</summary>
    private void Renumber(ReadOnlySpan<(ControllerSlot Slot, ushort Id)> moves)
    {
        var attached = new List<Namespace>[moves.Length];
        for (int i = 0; i < moves.Length; i++)
        {
            ControllerSlot slot = moves[i].Slot;
            attached[i] = [.. namespaces.All.Where(ns => ns.IsAttachedTo(slot.Id))];
            attached[i].ForEach(ns => ns.Detach(slot.Id));
            _slots.Remove(slot.Id);
        }

        for (int i = 0; i < moves.Length; i++)
        {
            (ControllerSlot slot, ushort id) = moves[i];
            slot.Id = id;
            _slots[id] = slot;
            attached[i].ForEach(ns => ns.Attach(id));
        }
    }
}
