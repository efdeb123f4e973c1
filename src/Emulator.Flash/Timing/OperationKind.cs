namespace Emulator.Flash.Timing;

/// <summary>What a die queues.</summary>
internal enum OperationKind : byte
{
    Read,
    Program,
    Erase,
}
