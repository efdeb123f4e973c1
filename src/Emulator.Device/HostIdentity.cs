namespace Emulator.Device;

/// <summary>Who a host says it is in its Connect command.</summary>
/// <param name="Nqn">Host NQN: what permissions are given to.</param>
/// <param name="HostId">Host Identifier, 128 bits: what reservations are held by.</param>
public sealed record HostIdentity(string Nqn, UInt128 HostId);
