using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Command capsule (TCP Transport 1.1, 3.6.2.6).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CapsuleCmd.Size)]
public struct CapsuleCmd
{
    public const int Size = 72;

    [FieldOffset(0)] public CommonHeader Ch;
    [FieldOffset(8)] public SubmissionEntry Sqe;
}
