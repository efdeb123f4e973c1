namespace Emulator.Wire;

/// <summary>
/// How a command ended: the Status field of a completion queue entry (Base 2.1, 4.2.3), bits 31:17 of its dword 3.
/// </summary>
/// <param name="Value">
/// Status Code in bits 7:0, Status Code Type in 10:8, Command Retry Delay in 12:11, More in 13, Do Not Retry in 14.
/// </param>
public readonly partial record struct Status(ushort Value)
{
    private const int CodeAndTypeMask = 0x7FF;
    private const int MoreBit = 1 << 13;
    private const int DoNotRetryBit = 1 << 14;

    public Status(StatusCodeType type, byte code)
        : this((ushort)(((int)type << 8) | code))
    {
    }

    public byte StatusCode => (byte)Value;

    public StatusCodeType StatusCodeType => (StatusCodeType)((Value >> 8) & 7);

    /// <summary>Which of the Command Retry Delay Times of Identify Controller applies, 0 for none.</summary>
    public int CommandRetryDelay => (Value >> 11) & 3;

    /// <summary>The Error Information log page tells more about this command.</summary>
    public bool More => (Value & MoreBit) != 0;

    /// <summary>The same command would fail again.</summary>
    public bool DoNotRetry => (Value & DoNotRetryBit) != 0;

    public bool IsSuccess => (Value & CodeAndTypeMask) == 0;

    public Status WithDoNotRetry() => new((ushort)(Value | DoNotRetryBit));

    public Status WithMore() => new((ushort)(Value | MoreBit));

    /// <summary>Whether type and code are equal, whatever the flags.</summary>
    public bool Matches(Status other) => ((Value ^ other.Value) & CodeAndTypeMask) == 0;

    public override string ToString() =>
        $"{(int)StatusCodeType:X}h/{StatusCode:X2}h {StatusNames.Of(Value & CodeAndTypeMask)}"
        + (More ? " +more" : "") + (DoNotRetry ? " +dnr" : "");

    private static Status Define(StatusCodeType type, byte code, string name)
    {
        Status status = new(type, code);
        StatusNames.Add(status.Value, name);
        return status;
    }
}
