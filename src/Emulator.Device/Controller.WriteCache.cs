using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// When a write is durable: the Volatile Write Cache feature, FID 06h (Base 2.1, 5.1.25.1.4), and Force Unit Access.
/// Where acknowledged writes survive a loss of power, by capacitors or because nothing is buffered, there is no volatile
/// write cache and no such feature.
/// </summary>
public sealed partial class Controller
{
    private const uint WriteCacheEnabled = 1;

    /// <summary>Whatever this controller acknowledges has to be on the medium.</summary>
    private bool _persistsWrites;

    private bool HasVolatileWriteCache => _drive.Options.Cache.HasVolatileWrites;

    /// <summary>The value of the feature changed, or may have.</summary>
    private void FollowWriteCacheFeature()
    {
        bool isEnabled = Stored(
            _slot.Features, FeatureId.VolatileWriteCache, part: 0, FeatureSelect.Current, WriteCacheEnabled) != 0;
        _persistsWrites = _drive.Options.Cache.Mode != CacheMode.WriteBack || (HasVolatileWriteCache && !isEnabled);
    }

    /// <summary>A cache that is turned off is flushed; if that fails it stays on, with what it holds.</summary>
    private CommandOutcome SetVolatileWriteCache(SimTime now, in SubmissionEntry entry)
    {
        MediumResult flushed = MediumResult.Success(now);
        if ((entry.Cdw11 & WriteCacheEnabled) == 0)
        {
            flushed = _drive.FlushAll(now);
            if (!flushed.IsSuccess)
                return Failed(flushed);
        }

        SetStoredFeature(now, FeatureId.VolatileWriteCache, entry);
        FollowWriteCacheFeature();
        return CommandOutcome.Success(flushed.Done);
    }

    private static bool IsForced(in SubmissionEntry entry) => (entry.Cdw12 & NvmCommandFields.Fua) != 0;

    private CacheHints WriteHints(in SubmissionEntry entry, VmCaching writer) =>
        _persistsWrites || IsForced(entry)
            ? writer.WriteHints.With(CacheHint.Through)
            : writer.WriteHints;

    /// <summary>What a command that writes still waits for when its data is in the store.</summary>
    private MediumResult Persisted(SimTime now, in SubmissionEntry entry, MediumResult written) =>
        (_persistsWrites || IsForced(entry)) && written.IsSuccess
            ? written.And(_drive.Pages.BeginPersist(now))
            : written;
}
