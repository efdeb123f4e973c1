using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Media;

namespace Emulator.Host.Inspect;

/// <summary>What there is on a medium.</summary>
internal sealed record InspectionReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public required string Path { get; init; }

    public required MediumFormat Format { get; init; }

    public required FileLayout Layout { get; init; }

    public required IReadOnlyList<SlotReport> Slots { get; init; }

    public required RecoveryReport Recovery { get; init; }

    /// <summary>The highest sequence on the medium.</summary>
    public required ulong Sequence { get; init; }

    public required IReadOnlyList<SuperblockReport> Superblocks { get; init; }

    public required WearReport Wear { get; init; }

    public required MetadataSummary Metadata { get; init; }

    /// <summary>Null when nobody asked for it.</summary>
    public VerificationReport? Verification { get; init; }

    public bool IsDamaged => Recovery.PagesLost > 0 || Verification is { DamagedPages: > 0 };

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

internal sealed record SlotReport(SlotState State, ulong Generation, ulong BeginSequence, ulong EndSequence, int BadChunks);

internal sealed record SuperblockReport(int Number, SuperblockDecision Found, int ProgrammedPages, int ValidPages, int EraseCount);

internal sealed record WearReport(int LeastErases, int MostErases, double MeanErases);

internal sealed record VerificationReport(long CheckedPages, long DamagedPages, IReadOnlyList<string> Problems);
