using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// Rests of a copy, so that hosts keep what they do without it. What a copy takes from them is more than the drive's time: it may be a
/// link, a processor, a cache. All of that shows in what hosts do in a spell of work and in the rest behind it; the next spells are
/// as long as that they lose no more than a part of the copy's share. A copy that takes nothing from hosts rests only to look.
/// </summary>
/// <remarks>Called on the thread that owns the copy, in real or virtual time.</remarks>
public sealed class RestCycle
{
    /// <summary>Of the share, what hosts may lose as it is measured: what a spell leaves behind for the rest is not seen.</summary>
    private const double PartOfShare = 0.7;

    /// <summary>By which what was measured before counts less behind each spell, so that some five of them decide.</summary>
    private const double Fading = 0.8;

    /// <summary>Of the time that a copy has whatever it costs hosts, so that it ends.</summary>
    private const double LeastPart = 0.05;

    private static readonly SimDuration Short = SimDuration.FromMilliseconds(10);
    private static readonly SimDuration Longest = SimDuration.FromMilliseconds(200);

    /// <summary>The copy's commands that are under way end, and hosts get going.</summary>
    private static readonly SimDuration Settling = SimDuration.FromMilliseconds(2);

    private Spell _spell;
    private SimTime _began;
    private long _workBefore;
    private Rate _working;
    private Rate _resting;

    /// <summary>One was in the rest before, or nobody looked yet.</summary>
    private bool _isHostThere = true;

    private enum Spell
    {
        None,
        Work,
        Settling,
        Rest,
    }

    /// <summary>When <see cref="IsResting"/> changes, or wants to be asked again.</summary>
    public SimTime Ends { get; private set; }

    /// <summary>Of what hosts do in a rest, what they lose while the copy is at work, 0 to 1.</summary>
    private double Loss => _resting.Value == 0 ? 0 : Math.Clamp(1 - (_working.Value / _resting.Value), 0, 1);

    /// <summary>Whether the copy does nothing now.</summary>
    /// <param name="hostWork">What hosts did so far, in any unit.</param>
    /// <param name="sharePercent">Of what hosts do, what they may lose; 100 for a copy that never rests.</param>
    public bool IsResting(SimTime now, long hostWork, int sharePercent)
    {
        if (sharePercent >= 100)
            return false;
        if (_spell == Spell.None)
            Begin(Spell.Work, now, hostWork, Short);
        else if (now >= Ends)
            Next(now, hostWork, sharePercent * PartOfShare / 100);
        return _spell is Spell.Settling or Spell.Rest;
    }

    /// <summary>What comes is neither work nor rest: it begins anew then, with what it knows.</summary>
    public void Stop() => _spell = Spell.None;

    private void Next(SimTime now, long hostWork, double mostLoss)
    {
        long work = hostWork - _workBefore;
        SimDuration took = now - _began;
        switch (_spell)
        {
            case Spell.Work when work == 0 && !_isHostThere:
                // Nobody is there whom a rest would help.
                (_working, _resting) = (default, default);
                Begin(Spell.Work, now, hostWork, Short);
                break;
            case Spell.Work:
                _working.Add(work, took);
                Begin(Spell.Settling, now, hostWork, Settling);
                break;
            case Spell.Settling:
                Begin(Spell.Rest, now, hostWork, RestFor(PartAtWork(mostLoss)) - Settling);
                break;
            default:
                _isHostThere = work > 0;
                _resting.Add(work, took);
                Begin(Spell.Work, now, hostWork, WorkFor(PartAtWork(mostLoss)));
                break;
        }
    }

    private void Begin(Spell spell, SimTime now, long hostWork, SimDuration duration) =>
        (_spell, _began, Ends, _workBefore) = (spell, now, now + duration, hostWork);

    /// <summary>Of the time: over both spells hosts lose just so much.</summary>
    private double PartAtWork(double mostLoss) => Loss <= mostLoss ? 1 : Math.Max(mostLoss / Loss, LeastPart);

    private static SimDuration RestFor(double part) =>
        part >= 0.5 ? Short : Limited(Short.Nanoseconds * (1 - part) / part);

    private static SimDuration WorkFor(double part) =>
        part <= 0.5 ? Short
        : part == 1 ? Longest
        : Limited(Short.Nanoseconds * part / (1 - part));

    private static SimDuration Limited(double nanoseconds) => new((long)Math.Min(nanoseconds, Longest.Nanoseconds));

    /// <summary>Work for each nanosecond, of late more than before.</summary>
    private struct Rate
    {
        private double _work;
        private double _time;

        public readonly double Value => _time == 0 ? 0 : _work / _time;

        public void Add(long work, SimDuration time)
        {
            _work = (_work * Fading) + work;
            _time = (_time * Fading) + time.Nanoseconds;
        }
    }
}
