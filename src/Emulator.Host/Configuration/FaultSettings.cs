using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Host.Configuration;

/// <summary>Something that is to go wrong. What a kind does not use is left out.</summary>
public sealed record FaultSettings
{
    /// <summary>Milliseconds after the start.</summary>
    public int AfterMilliseconds { get; init; }

    public FaultKind Kind { get; init; }

    /// <summary>The namespace of a media error.</summary>
    public int Namespace { get; init; } = 1;

    /// <summary>First logical block of a media error.</summary>
    public int Lba { get; init; }

    /// <summary>Logical blocks of a media error.</summary>
    public int Blocks { get; init; } = 1;

    /// <summary>Null for any.</summary>
    public int? Die { get; init; }

    /// <summary>How long a slow die takes, in percent of what it should.</summary>
    public int Percent { get; init; } = 1000;

    /// <summary>Operations that fail; 0 for all from then on.</summary>
    public int Count { get; init; } = 1;

    /// <summary>One line about what is wrong; null when nothing is.</summary>
    /// <param name="drive">The drive that is to suffer it.</param>
    public string? Problem(DriveSettings drive)
    {
        if (Kind == 0)
            return $"a fault needs a 'kind': {FaultKindText.Names}";
        if (AfterMilliseconds < 0 || Lba < 0 || Blocks < 1 || Namespace < 1 || Die < 0 || Count is < 0 or > ushort.MaxValue)
            return $"a number of fault '{FaultKindText.Of(Kind)}' is out of range";
        if (Kind == FaultKind.SlowDie && (Die == null || Percent is < 100 or > 100_000))
            return "fault 'slowDie' needs a 'die', and 'percent' from 100 to 100000";
        if (Kind == FaultKind.SlowDie && drive.EffectiveTiming == DriveTiming.None)
            return "fault 'slowDie' needs a drive that takes time: a 'profile'";
        return Kind is FaultKind.PowerCut or FaultKind.LostCheckpoint or FaultKind.TornCheckpoint && drive.Medium == null
            ? $"fault '{FaultKindText.Of(Kind)}' needs a 'medium' that survives it"
            : null;
    }

    public ScheduledFault ToScheduled() => new(
        SimTime.Zero + SimDuration.FromMilliseconds(AfterMilliseconds), ToCommand(), (uint)Namespace);

    private FaultCommand ToCommand()
    {
        ulong die = Die is { } number ? (uint)number : FaultCommand.AnyDie;
        return Kind switch
        {
            FaultKind.MediaError => new FaultCommand(FaultAction.Inject, Kind, 0, (ulong)Lba, (uint)Blocks),
            FaultKind.SlowDie => new FaultCommand(FaultAction.Inject, Kind, 0, die, (uint)Percent),
            FaultKind.ProgramFailure or FaultKind.EraseFailure =>
                new FaultCommand(FaultAction.Inject, Kind, (ushort)Count, die, 0),
            FaultKind.LostCheckpoint or FaultKind.TornCheckpoint => new FaultCommand(FaultAction.Inject, Kind, 1, 0, 0),
            _ => new FaultCommand(FaultAction.Inject, Kind, 0, 0, 0),
        };
    }
}

/// <summary>The names of faults in the configuration file.</summary>
public static class FaultKindText
{
    private static readonly Dictionary<string, FaultKind> Kinds = Enum.GetValues<FaultKind>()
        .ToDictionary(kind => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..]);

    public static string Names => string.Join(", ", Kinds.Keys);

    public static string Of(FaultKind kind) => Kinds.First(pair => pair.Value == kind).Key;

    /// <exception cref="FormatException">There is no such fault.</exception>
    public static FaultKind Parse(string text) => Kinds.TryGetValue(text, out FaultKind kind)
        ? kind
        : throw new FormatException($"'{text}' is not a fault; faults are {Names}");
}
