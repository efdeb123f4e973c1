using Emulator.Core;

namespace Emulator.Flash;

/// <summary>How an operation on the medium ended.</summary>
public enum MediumStatus : byte
{
    Success,

    /// <summary>The contents cannot be had: more bit errors than the code corrects, or a page that was torn.</summary>
    Uncorrectable,

    /// <summary>Nothing more can be written: there is no good block left.</summary>
    WriteFault,

    /// <summary>There is no room for more while snapshots hold what they do; nothing was changed.</summary>
    NoRoom,
}

/// <summary>When an operation on the medium is done, and how it ended.</summary>
/// <param name="Sync">
/// What has to be over besides, so that it is durable; none unless it was asked for without waiting.
/// </param>
public readonly record struct MediumResult(SimTime Done, MediumStatus Status, SyncTicket Sync = default)
{
    public bool IsSuccess => Status == MediumStatus.Success;

    public static MediumResult Success(SimTime done) => new(done, MediumStatus.Success);

    /// <summary>Of two operations of one command: the later end, and the first status that is no success.</summary>
    public MediumResult And(MediumResult next) =>
        new(SimTime.Max(Done, next.Done), IsSuccess ? next.Status : Status, SyncTicket.Later(Sync, next.Sync));
}
