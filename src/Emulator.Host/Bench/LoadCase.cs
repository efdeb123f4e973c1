using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>One kind of load: a closed loop of one command after the other on one queue.</summary>
/// <param name="Name">As on the command line: randread, randwrite, read or write.</param>
/// <param name="Bytes">Bytes of a command.</param>
/// <param name="Depth">Commands outstanding.</param>
internal sealed record LoadCase(string Name, int Bytes, int Depth)
{
    public static readonly string[] Names = ["randread", "randwrite", "read", "write"];

    /// <summary>What is measured when nothing else is asked for.</summary>
    public static readonly IReadOnlyList<LoadCase> Defaults =
    [
        .. from depth in new[] { 1, 32, 128 } from name in Names[..2] select new LoadCase(name, 4096, depth),
        new LoadCase("read", 128 * 1024, 32),
        new LoadCase("write", 128 * 1024, 32),
    ];

    public bool IsRandom => Name.StartsWith("rand", StringComparison.Ordinal);

    public IoOpcode Opcode => Name.EndsWith("read", StringComparison.Ordinal) ? IoOpcode.Read : IoOpcode.Write;

    public override string ToString() => $"{Name} {Bytes / 1024} KiB, depth {Depth}";
}
