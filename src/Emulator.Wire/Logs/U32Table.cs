using System.Runtime.CompilerServices;

namespace Emulator.Wire;

/// <summary>One dword for each of 256 opcodes, features or log pages.</summary>
[InlineArray(Count)]
public struct U32Table
{
    public const int Count = 256;
    public const int Size = Count * U32Le.Size;

    private U32Le _first;
}
