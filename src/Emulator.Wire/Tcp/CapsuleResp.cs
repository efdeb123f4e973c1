using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Response capsule (TCP Transport 1.1, 3.6.2.7).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CapsuleResp.Size)]
public struct CapsuleResp
{
    public const int Size = 24;

    [FieldOffset(0)] public CommonHeader Ch;
    [FieldOffset(8)] public CompletionEntry Cqe;
}
