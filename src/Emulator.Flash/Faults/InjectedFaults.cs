using Emulator.Core;

namespace Emulator.Flash.Faults;

/// <summary>
/// Operations of the flash that are to fail because somebody asked for it: programs and erases, on one die or on any.
/// </summary>
public sealed class InjectedFaults
{
    /// <summary>As a die: whichever comes next.</summary>
    public const int AnyDie = -1;

    /// <summary>As a count: until it is cleared.</summary>
    public const int UntilCleared = 0;

    private readonly int _dies;
    private Armed _programs;
    private Armed _erases;

    /// <param name="dies">Dies that there are.</param>
    public InjectedFaults(int dies) => _dies = dies;

    /// <summary>Operations that failed because of what was injected.</summary>
    public long Hits { get; private set; }

    /// <param name="die">A die, or <see cref="AnyDie"/>.</param>
    /// <param name="count">Operations that fail, or <see cref="UntilCleared"/>.</param>
    public void FailPrograms(int die, int count) => _programs = Arm(die, count);

    /// <inheritdoc cref="FailPrograms"/>
    public void FailErases(int die, int count) => _erases = Arm(die, count);

    public void ClearPrograms() => _programs = default;

    public void ClearErases() => _erases = default;

    /// <summary>Whether the program operation that begins on a die fails.</summary>
    public bool FailsProgram(int die) => Take(ref _programs, die);

    /// <summary>Whether the erase that begins on a die fails.</summary>
    public bool FailsErase(int die) => Take(ref _erases, die);

    private Armed Arm(int die, int count)
    {
        Check.That(die == AnyDie || (uint)die < (uint)_dies);
        Check.That(count >= 0);
        return new Armed { IsArmed = true, Die = die, Left = count };
    }

    private bool Take(ref Armed armed, int die)
    {
        if (!armed.IsArmed || (armed.Die != AnyDie && armed.Die != die))
            return false;
        Hits++;
        if (armed.Left != UntilCleared && --armed.Left == 0)
            armed = default;
        return true;
    }

    private struct Armed
    {
        public bool IsArmed;
        public int Die;
        public int Left;
    }
}
