namespace Emulator.Wire;

/// <summary>Status Code Type of a completion (Base 2.1, 4.2.3).</summary>
public enum StatusCodeType : byte
{
    Generic = 0,
    CommandSpecific = 1,
    Media = 2,
    Path = 3,
    VendorSpecific = 7,
}
