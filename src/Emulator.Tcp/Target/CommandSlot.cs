using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

internal enum SlotState : byte
{
    Free,

    /// <summary>Waits for a data buffer.</summary>
    WaitingForBuffer,

    /// <summary>An R2T is out; H2CData is expected.</summary>
    ReceivingData,

    /// <summary>Data is complete, the other half of the fused pair is not.</summary>
    WaitingForPartner,

    /// <summary>The drive completes it later.</summary>
    Pending,

    /// <summary>Executed; the completion is due at a later time.</summary>
    Deferred,
}

/// <summary>A command that could not be answered at once. The index of the slot is the transfer tag of its R2T.</summary>
internal sealed class CommandSlot(ushort index)
{
    public readonly ushort Index = index;
    public SlotState State;
    public SubmissionEntry Entry;
    public PooledBuffer Buffer;

    /// <summary>Bytes that the SGL names.</summary>
    public int DataLength;

    /// <summary>Bytes of <see cref="DataLength"/> that have arrived.</summary>
    public int Received;

    /// <summary>A data digest was wrong: the command ends with a transport error when its data is complete.</summary>
    public bool DataDigestFailed;

    public CommandOutcome Outcome;

    /// <summary>The other command of a fused pair.</summary>
    public CommandSlot? Partner;

    public void Free()
    {
        State = SlotState.Free;
        Buffer = default;
        DataLength = 0;
        Received = 0;
        DataDigestFailed = false;
        Outcome = default;
        Partner = null;
    }
}
