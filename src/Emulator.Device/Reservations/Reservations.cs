namespace Emulator.Device;

/// <summary>Registrants and the reservation of one namespace (Base 2.1, 8.1.22).</summary>
public sealed class Reservations
{
    /// <summary>Whether a host may access the namespace, given who holds which reservation.</summary>
    public bool Permits(UInt128 hostId, IoAccess access) => true;
}
