namespace Emulator.Wire;

// Media status (Base 2.1, 4.2.3.3, and NVM Command Set 1.1).
public readonly partial record struct Status
{
    public static readonly Status WriteFault = Define(StatusCodeType.Media, 0x80, "Write Fault");
    public static readonly Status UnrecoveredReadError = Define(StatusCodeType.Media, 0x81, "Unrecovered Read Error");
    public static readonly Status GuardCheckError = Define(StatusCodeType.Media, 0x82, "End-to-end Guard Check Error");
    public static readonly Status ApplicationTagCheckError = Define(StatusCodeType.Media, 0x83, "End-to-end Application Tag Check Error");
    public static readonly Status ReferenceTagCheckError = Define(StatusCodeType.Media, 0x84, "End-to-end Reference Tag Check Error");
    public static readonly Status CompareFailure = Define(StatusCodeType.Media, 0x85, "Compare Failure");
    public static readonly Status AccessDenied = Define(StatusCodeType.Media, 0x86, "Access Denied");
    public static readonly Status DeallocatedOrUnwrittenBlock = Define(StatusCodeType.Media, 0x87, "Deallocated or Unwritten Logical Block");
    public static readonly Status StorageTagCheckError = Define(StatusCodeType.Media, 0x88, "End-to-end Storage Tag Check Error");
}
