using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Emulator.Core;

namespace Emulator.Simulation.Reports;

/// <summary>
/// What a run did, as one number: two runs that differ in the order, time, address, length, status or completion time of
/// any command have different hashes, but for one chance in 2^64. specs/simulation.md has the formula.
/// </summary>
internal struct TraceHash()
{
    private const ulong Multiplier1 = 0x9E3779B185EBCA87;
    private const ulong Multiplier2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Multiplier3 = 0x165667B19E3779F9;

    private ulong _state = Multiplier3;

    /// <summary>In the order in which commands complete.</summary>
    public void Add(in InFlight command, SimTime completed)
    {
        ulong state = _state;
        state = Mix(state, (ulong)command.Sequence);
        state = Mix(state, (ulong)command.Submitted.Nanoseconds);
        state = Mix(state, command.StartLba);
        state = Mix(state, command.Blocks | ((ulong)command.Opcode << 32) | ((ulong)command.Status.Value << 40));
        _state = Mix(state, (ulong)completed.Nanoseconds);
    }

    /// <summary>16 hexadecimal digits.</summary>
    public override readonly string ToString()
    {
        ulong hash = _state;
        hash = (hash ^ (hash >> 33)) * Multiplier2;
        hash = (hash ^ (hash >> 29)) * Multiplier3;
        return (hash ^ (hash >> 32)).ToString("x16", CultureInfo.InvariantCulture);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong state, ulong word) =>
        BitOperations.RotateLeft((state ^ (word * Multiplier2)) * Multiplier1, 31);
}
