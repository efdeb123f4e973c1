namespace Emulator.Flash.Timing;

/// <summary>What an operation takes: the channel for its command and its data, the die for the array. In nanoseconds.</summary>
internal readonly record struct DieWork(long Command, long Array, long Transfer);
