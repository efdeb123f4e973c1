using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// The storage state: whole as soon as there is a connection, so that a destination that cannot take it is known early,
/// and at the end what changed since.
/// </summary>
public sealed partial class DirectTransfer
{
    private readonly StateSender _state;
    private bool _isStateThere;
    private bool _isFinalStateThere;
    private bool _isDelta;

    private void BeginState(SimTime now)
    {
        _isStateThere = _isFinalStateThere = false;
        if (_plan.SendsState)
            SendState(now, isDelta: false);
    }

    private void SendState(SimTime now, bool isDelta)
    {
        _isDelta = isDelta;
        Status written = _site.WriteState(now, this, _state.Writer, isDelta);
        if (!written.IsSuccess)
        {
            Fail(DirectTransferReason.StateRefused, $"the storage state cannot be told: {written}", written);
            return;
        }

        VmStorageStateFlags flags = (isDelta ? VmStorageStateFlags.Delta : 0) | (_plan.WarmsCache ? VmStorageStateFlags.WarmCache : 0);
        _state.Begin(now, _peer!.Admin, flags, _examination.MostBytes);
    }

    private void StateCompleted(SimTime now, int slot, PeerCompletion completion)
    {
        _state.Completed(now, slot, completion);
        if (_state.IsSending)
            return;
        if (_state.Status.IsSuccess)
        {
            _isStateThere = true;
            _isFinalStateThere = _isDelta;
        }
        else if (_isDelta && _state.Status.Matches(Status.StorageStateIncompatible) && _isStateThere)
        {
            // Somebody else has read the state since, or sent one: the destination gets the whole again.
            _isStateThere = false;
            SendState(now, isDelta: false);
        }
        else
        {
            Fail(DirectTransferReason.StateRefused, $"the destination refused the storage state: {_state.Status}", _state.Status);
        }
    }

    /// <summary>All data is there, and the VM is halted: what changed of the state since it was sent is the last.</summary>
    /// <returns>Whether the destination has it.</returns>
    private bool TryFinishState(SimTime now)
    {
        if (!_plan.SendsState || _isFinalStateThere)
            return true;
        if (!_state.IsSending)
            SendState(now, isDelta: _isStateThere);
        return false;
    }
}
