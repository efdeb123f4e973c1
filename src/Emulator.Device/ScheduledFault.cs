using Emulator.Core;

namespace Emulator.Device;

/// <summary>Something that goes wrong at a time that is known beforehand.</summary>
/// <param name="At">When, in the time of whoever owns the drive.</param>
/// <param name="Command">What, as the Fault command says it.</param>
/// <param name="Nsid">The namespace of a media error.</param>
public readonly record struct ScheduledFault(SimTime At, FaultCommand Command, uint Nsid = 0);
