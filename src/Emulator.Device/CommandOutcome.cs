using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

public enum OutcomeKind : byte
{
    /// <summary>Nothing was decided. Never to be posted: a path that forgets its status ends here, not in a success.</summary>
    None,

    /// <summary>The command has its status, which may be posted when <see cref="CommandOutcome.Due"/> has come.</summary>
    Completed,

    /// <summary>The command completes later, through <see cref="IQueueEndpoint.Complete"/>.</summary>
    Pending,
}

/// <summary>What became of a command.</summary>
public readonly struct CommandOutcome
{
    public static readonly CommandOutcome Pending = new(OutcomeKind.Pending, default, default, 0, 0);

    private CommandOutcome(OutcomeKind kind, SimTime due, Status status, uint dw0, uint dw1, SyncTicket sync = default)
    {
        Sync = sync;
        Due = due;
        Dw0 = dw0;
        Dw1 = dw1;
        Status = status;
        Kind = kind;
    }

    /// <summary>When the completion may be posted, at the earliest.</summary>
    public readonly SimTime Due;

    /// <summary>Dword 0 of the completion queue entry.</summary>
    public readonly uint Dw0;

    /// <summary>Dword 1 of the completion queue entry.</summary>
    public readonly uint Dw1;

    /// <summary>What has to be over before the completion may be posted; the drive waits for it, and nobody else sees it.</summary>
    internal readonly SyncTicket Sync;

    public readonly Status Status;

    public readonly OutcomeKind Kind;

    public bool IsSuccess => Kind == OutcomeKind.Completed && Status.IsSuccess;

    public static CommandOutcome Success(SimTime due, uint dw0 = 0, uint dw1 = 0) =>
        new(OutcomeKind.Completed, due, Status.Success, dw0, dw1);

    /// <summary>The same, when a synchronisation of the medium is over.</summary>
    internal CommandOutcome After(SyncTicket sync) => new(Kind, Due, Status, Dw0, Dw1, sync);

    public static CommandOutcome Completed(SimTime due, Status status, uint dw0 = 0, uint dw1 = 0) =>
        new(OutcomeKind.Completed, due, status, dw0, dw1);
}
