namespace Emulator.Flash.Timing;

/// <summary>What an operation takes: the channel for its command and its data, the die for the array. In nanoseconds.</summary>
/// <param name="Place">Where it is; none if it is not done together with others.</param>
internal readonly record struct DieWork(long Command, long Array, long Transfer, PlanePlace Place = default);
