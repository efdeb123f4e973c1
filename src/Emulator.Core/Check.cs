using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Emulator.Core;

/// <summary>
/// Checks of the firmware's own invariants. They stay on in release builds; one that fails stops the drive
/// (CSTS.CFS), because going on would mean going on with wrong data. Input from a host is never checked with these.
/// </summary>
public static class Check
{
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
            Fail(expression);
    }

    [DoesNotReturn]
    public static void Fail(string what) => throw new FirmwareFaultException(what);
}

/// <summary>An invariant of the firmware does not hold. Nothing catches this but the owner of the drive.</summary>
public sealed class FirmwareFaultException(string what) : Exception("firmware fault: " + what);
