namespace Emulator.Flash;

/// <summary>
/// How many bits a cell holds, which is how many page types share a word line; the value is that number.
/// </summary>
public enum CellType : byte
{
    Slc = 1,
    Mlc = 2,
    Tlc = 3,
    Qlc = 4,
}
