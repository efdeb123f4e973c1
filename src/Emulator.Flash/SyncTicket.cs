namespace Emulator.Flash;

/// <summary>
/// Names a synchronisation of a medium that goes on while the drive does. They are numbered in the order in which they
/// begin; the default is none. Numbers wrap.
/// </summary>
public readonly record struct SyncTicket(uint Number)
{
    public bool IsNone => Number == 0;

    /// <summary>The synchronisation after this one.</summary>
    public SyncTicket Next() => new(Number == uint.MaxValue ? 1 : Number + 1);

    /// <summary>Whether this one is over when those up to <paramref name="ended"/> are.</summary>
    public bool IsOver(SyncTicket ended) => IsNone || (!ended.IsNone && (int)(Number - ended.Number) <= 0);

    public static SyncTicket Later(SyncTicket one, SyncTicket other) => one.IsNone || !other.IsOver(one) ? other : one;
}
