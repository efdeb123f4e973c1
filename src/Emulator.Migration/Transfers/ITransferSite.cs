namespace Emulator.Migration;

/// <summary>What a direct transfer needs of the drive that it is a part of.</summary>
public interface ITransferSite
{
    IPeerConnector Connector { get; }

    ForegroundMeter Hosts { get; }

    /// <summary>A transfer is done, failed or was cancelled; called once.</summary>
    void TransferEnded(DirectTransfer transfer);
}
