using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>What a die did since the drive was powered on.</summary>
public struct DieUse
{
    public long Reads;
    public long Programs;
    public long Erases;

    /// <summary>Programs and erases interrupted for reads.</summary>
    public long Suspensions;

    /// <summary>How long it worked, or held data that waited for the channel.</summary>
    public SimDuration Busy;
}
