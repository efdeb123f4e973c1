namespace Emulator.Flash.Timing;

/// <summary>What a die queues; a copy-back counts as the program that it ends with.</summary>
internal enum OperationKind : byte
{
    Read,
    Program,
    Erase,
}
