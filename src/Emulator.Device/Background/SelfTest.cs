using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Device self-test (Base 2.1, 8.1.7), one at a time for the drive. It looks whether the spare area of each mapped page
/// names the logical page that is mapped to it: a short test at a part of the pages, an extended test at all.
/// </summary>
internal sealed class SelfTest(Drive drive)
{
    /// <summary>EDSTT: minutes that an extended test takes at most.</summary>
    public const int ExtendedMinutes = 1;

    private const int ShortSteps = 20;
    private const int ExtendedSteps = 100;
    private const byte MediaSegment = 1;

    /// <summary>Pages of each namespace that a step of a short test looks at.</summary>
    private const ulong ShortPagesPerStep = 256;

    private static readonly SimDuration StepTime = SimDuration.FromMilliseconds(100);

    private readonly SelfTestResult[] _results = NoResults();
    private SelfTestCode _running;
    private uint _nsid;
    private int _step;

    public bool IsInProgress => _running != SelfTestCode.None;

    /// <summary>The controller that runs it; 0 if none does.</summary>
    public ushort ControllerId { get; private set; }

    public SimTime Due { get; private set; } = SimTime.Never;

    private int Steps => _running == SelfTestCode.Extended ? ExtendedSteps : ShortSteps;

    /// <param name="nsid">0 for no namespace, FFFFFFFFh for all that are attached to the controller.</param>
    public void Start(SimTime now, SelfTestCode code, ushort controllerId, uint nsid)
    {
        Check.That(!IsInProgress);
        _running = code;
        _nsid = nsid;
        _step = 0;
        ControllerId = controllerId;
        Due = now + StepTime;
        drive.Schedule();
    }

    public void Advance(SimTime now)
    {
        if (now < Due)
            return;

        Due = now + StepTime;
        foreach (Namespace ns in drive.Namespaces.All)
        {
            if (!Includes(ns) || FindDamage(ns) is not { } page)
                continue;
            End(now, SelfTestOutcome.FailedSegments, ns, page);
            return;
        }

        if (++_step == Steps)
            End(now, SelfTestOutcome.Passed);
    }

    public void Abort(SimTime now)
    {
        if (IsInProgress)
            End(now, SelfTestOutcome.AbortedByCommand);
    }

    /// <summary>A short test ends with a reset of its controller; an extended one goes on (Base 2.1, 8.1.7.2).</summary>
    public void ControllerReset(SimTime now, ushort controllerId)
    {
        if (_running == SelfTestCode.Short && controllerId == ControllerId)
            End(now, SelfTestOutcome.AbortedByControllerLevelReset);
    }

    public void NamespaceRemoved(SimTime now, uint nsid)
    {
        if (IsInProgress && Includes(nsid))
            End(now, SelfTestOutcome.AbortedByNamespaceRemoval);
    }

    public void NamespaceFormatted(SimTime now, uint nsid)
    {
        if (IsInProgress && Includes(nsid))
            End(now, SelfTestOutcome.AbortedByFormat);
    }

    public void SanitizeStarted(SimTime now)
    {
        if (IsInProgress)
            End(now, SelfTestOutcome.AbortedBySanitize);
    }

    /// <summary>LID 06h (Base 2.1, 5.1.12.1.7).</summary>
    public SelfTestLog Report()
    {
        var report = new SelfTestLog
        {
            Cdsto = (byte)_running,
            Cdstc = (byte)(IsInProgress ? _step * 100 / Steps : 0),
        };
        for (int i = 0; i < SelfTestResults.Count; i++)
            report.Rds[i] = _results[i];
        return report;
    }

    private bool Includes(Namespace ns) => Includes(ns.Nsid) && ns.IsAttachedTo(ControllerId);

    private bool Includes(uint nsid) => _nsid == uint.MaxValue || _nsid == nsid;

    private ulong? FindDamage(Namespace ns)
    {
        ulong part = (ns.PageCount + (uint)Steps - 1) / (uint)Steps;
        ulong first = part * (uint)_step;
        ulong count = _running == SelfTestCode.Extended ? part : Math.Min(part, ShortPagesPerStep);
        return ns.FindDamagedPage(first, Math.Min(first + count, ns.PageCount));
    }

    private void End(SimTime now, SelfTestOutcome outcome, Namespace? damaged = null, ulong page = 0)
    {
        const long nanosecondsPerHour = 3_600_000_000_000;
        const byte everythingValid = 0b1111;
        var result = new SelfTestResult
        {
            Dsts = (byte)((int)outcome | ((int)_running << 4)),
            Poh = (ulong)(now.Nanoseconds / nanosecondsPerHour),
        };
        if (damaged != null)
        {
            result.Segn = MediaSegment;
            result.Vdinfo = everythingValid;
            result.Nsid = damaged.Nsid;
            result.Flba = page << (12 - damaged.BlockShift);
            result.Stct = (byte)Status.UnrecoveredReadError.StatusCodeType;
            result.Stc = Status.UnrecoveredReadError.StatusCode;
        }

        Array.Copy(_results, 0, _results, 1, _results.Length - 1);
        _results[0] = result;
        _running = SelfTestCode.None;
        ControllerId = 0;
        Due = SimTime.Never;
    }

    private static SelfTestResult[] NoResults()
    {
        var results = new SelfTestResult[SelfTestResults.Count];
        Array.Fill(results, new SelfTestResult { Dsts = (byte)SelfTestOutcome.NotUsed });
        return results;
    }
}
