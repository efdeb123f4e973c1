namespace Emulator.Device;

/// <summary>What a command does to a namespace, as reservations tell commands apart (Base 2.1, 8.1.22).</summary>
public enum IoAccess
{
    Read,
    Write,
}
