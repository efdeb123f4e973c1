namespace Emulator.Wire;

// Media and data integrity errors (Base 2.1, 4.2.3.3, and NVM Command Set 1.2).
public readonly partial record struct Status
{
    public static readonly Status WriteFault = Media(0x80, "Write Fault");
    public static readonly Status UnrecoveredReadError = Media(0x81, "Unrecovered Read Error");
    public static readonly Status GuardCheckError = Media(0x82, "End-to-end Guard Check Error");
    public static readonly Status ApplicationTagCheckError = Media(0x83, "End-to-end Application Tag Check Error");
    public static readonly Status ReferenceTagCheckError = Media(0x84, "End-to-end Reference Tag Check Error");
    public static readonly Status CompareFailure = Media(0x85, "Compare Failure");
    public static readonly Status AccessDenied = Media(0x86, "Access Denied");
    public static readonly Status DeallocatedOrUnwrittenBlock = Media(0x87, "Deallocated or Unwritten Logical Block");
    public static readonly Status StorageTagCheckError = Media(0x88, "End-to-end Storage Tag Check Error");

    private static Status Media(byte code, string name) => Define(StatusCodeType.Media, code, name);
}
