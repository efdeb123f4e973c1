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

    /// <summary>A transfer is done, failed or was cancelled; called once.</summary>
    void TransferEnded(DirectTransfer transfer);
}
