using System.Runtime.CompilerServices;

namespace Emulator.Wire;

// Byte fields of fixed length. Each converts to Span<byte> by itself, which is how it is read and written.

[InlineArray(Size)]
public struct Bytes2
{
    public const int Size = 2;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes3
{
    public const int Size = 3;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes4
{
    public const int Size = 4;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes5
{
    public const int Size = 5;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes6
{
    public const int Size = 6;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes7
{
    public const int Size = 7;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes8
{
    public const int Size = 8;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes9
{
    public const int Size = 9;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes10
{
    public const int Size = 10;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes12
{
    public const int Size = 12;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes14
{
    public const int Size = 14;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes15
{
    public const int Size = 15;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes16
{
    public const int Size = 16;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes19
{
    public const int Size = 19;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes20
{
    public const int Size = 20;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes21
{
    public const int Size = 21;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes22
{
    public const int Size = 22;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes24
{
    public const int Size = 24;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes25
{
    public const int Size = 25;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes27
{
    public const int Size = 27;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes28
{
    public const int Size = 28;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes32
{
    public const int Size = 32;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes35
{
    public const int Size = 35;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes40
{
    public const int Size = 40;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes48
{
    public const int Size = 48;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes54
{
    public const int Size = 54;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes61
{
    public const int Size = 61;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes96
{
    public const int Size = 96;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes100
{
    public const int Size = 100;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes102
{
    public const int Size = 102;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes112
{
    public const int Size = 112;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes118
{
    public const int Size = 118;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes124
{
    public const int Size = 124;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes160
{
    public const int Size = 160;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes180
{
    public const int Size = 180;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes192
{
    public const int Size = 192;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes238
{
    public const int Size = 238;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes241
{
    public const int Size = 241;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes256
{
    public const int Size = 256;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes280
{
    public const int Size = 280;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes448
{
    public const int Size = 448;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes475
{
    public const int Size = 475;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes506
{
    public const int Size = 506;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes768
{
    public const int Size = 768;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes960
{
    public const int Size = 960;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes1000
{
    public const int Size = 1000;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes2048
{
    public const int Size = 2048;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes3040
{
    public const int Size = 3040;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes3328
{
    public const int Size = 3328;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes3712
{
    public const int Size = 3712;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes3800
{
    public const int Size = 3800;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes4000
{
    public const int Size = 4000;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes4071
{
    public const int Size = 4071;

    private byte _first;
}

[InlineArray(Size)]
public struct Bytes4072
{
    public const int Size = 4072;

    private byte _first;
}
