using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What a direct transfer needs of the drive that it is a part of.</summary>
public interface ITransferSite
{
    IPeerConnector Connector { get; }

    ForegroundMeter Hosts { get; }

    /// <summary>Writes the VM's storage state: whole, or what changed since it was written whole last.</summary>
    /// <returns>Success, or Limit Reached if there is too much of it.</returns>
    Status WriteState(SimTime now, DirectTransfer transfer, StateWriter writer, bool isDelta);

    /// <summary>Whether the source, and the destination, are worn by writes.</summary>
    (bool Source, bool Destination) AreWorn { get; }

    /// <summary>
    /// Has the I/O of hosts to the VM's namespaces go through a scheme from the next command on: each of the volumes is
    /// given its run with <see cref="ISchemeVolume.Engage"/> before.
    /// </summary>
    /// <returns>Volumes in the order of the sources; null if what the scheme logs cannot be kept.</returns>
    IReadOnlyList<ISchemeVolume>? OpenVolumes(DirectTransfer transfer, bool needsLog);

    /// <summary>A transfer is done, failed or was cancelled; called once.</summary>
    void TransferEnded(DirectTransfer transfer);
}
