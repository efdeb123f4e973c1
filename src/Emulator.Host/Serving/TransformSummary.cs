using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Host.Serving;

/// <summary>What the transforms of a namespace did from start to end.</summary>
internal sealed record TransformSummary
{
    public required uint Nsid { get; init; }

    /// <summary>Bytes that went in, whole pages.</summary>
    public required long BytesBefore { get; init; }

    /// <summary>Bytes that these took on the medium, parity aside.</summary>
    public required long BytesStored { get; init; }

    public required long PagesCompressed { get; init; }

    public required long PagesDecoded { get; init; }

    public required long BitsCorrected { get; init; }

    public required long PagesFailed { get; init; }

    /// <param name="ns">One that has transforms.</param>
    public static TransformSummary Of(Namespace ns)
    {
        ref readonly TransformCounters counters = ref ns.Transform!.Counters;
        return new TransformSummary
        {
            Nsid = ns.Nsid,
            BytesBefore = counters.PagesEncoded * FlashGeometry.PageBytes,
            BytesStored = counters.BytesStored,
            PagesCompressed = counters.PagesCompressed,
            PagesDecoded = counters.PagesDecoded,
            BitsCorrected = counters.BitsCorrected,
            PagesFailed = counters.PagesFailed,
        };
    }
}
