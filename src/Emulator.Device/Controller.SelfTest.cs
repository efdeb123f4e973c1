using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Device Self-test (Base 2.1, 5.1.5).</summary>
public sealed partial class Controller
{
    private CommandOutcome TestItself(SimTime now, in SubmissionEntry entry)
    {
        var code = (SelfTestCode)(byte)entry.Cdw10;
        if (entry.Cdw10 > 0xF || code is not (SelfTestCode.Short or SelfTestCode.Extended or SelfTestCode.Abort))
            return Failed(now, Status.InvalidField);
        if (code == SelfTestCode.Abort)
        {
            _drive.SelfTest.Abort(now);
            return CommandOutcome.Success(now);
        }

        uint nsid = entry.Nsid;
        if (nsid is not (0 or BroadcastNsid) && FindActive(nsid) == null)
            return Failed(now, NamespaceProblem(nsid));
        if (_drive.SelfTest.IsInProgress)
            return Failed(now, Status.DeviceSelfTestInProgress);
        _drive.SelfTest.Start(now, code, Id, nsid);
        return CommandOutcome.Success(now);
    }
}
