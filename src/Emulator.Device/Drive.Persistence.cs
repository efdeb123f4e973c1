using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

namespace Emulator.Device;

/// <summary>What a drive leaves on a medium that persists, and how it ends.</summary>
public sealed partial class Drive
{
    /// <summary>What was found on the medium when the drive was built; null for a medium that does not persist.</summary>
    public RecoveryReport? Recovery => _ftl?.RecoveryReport;

    /// <summary>Whether what the drive holds outlives it.</summary>
    public bool IsPersistent => _ftl is { IsPersistent: true };

    /// <summary>Times that the medium was synchronised without a host asking for it.</summary>
    public long ForcedSyncs => _ftl?.ForcedSyncs ?? 0;

    /// <summary>Writes of checkpoints and journal that did not read back as they were written, and were repeated.</summary>
    public long FailedSystemWrites => _ftl?.FailedSystemWrites ?? 0;

    /// <summary>
    /// Switches the drive off: everything is made durable, so that the next one that is built on the medium has nothing to
    /// recover. No command may come afterwards. A drive that stands still after a fault touches its medium no more.
    /// </summary>
    /// <returns>Whether and when everything is durable.</returns>
    public MediumResult Shutdown(SimTime now)
    {
        if (_faulted)
            return new MediumResult(now, MediumStatus.WriteFault);
        MediumResult flushed = _pages.Flush(now);
        return flushed.IsSuccess && _ftl != null ? _ftl.Shutdown(flushed.Done) : flushed;
    }

    /// <summary>
    /// The power goes without warning: what is volatile is lost, and what the medium has not finished when the power is
    /// really gone is torn. The drive is of no use afterwards; another one may be built on its medium.
    /// </summary>
    /// <returns>When the power is gone: later than <paramref name="at"/> where capacitors stand behind the cache.</returns>
    public SimTime PowerCut(SimTime at)
    {
        SimTime gone = _pages.PowerCut(at);
        _ftl?.PowerCut(gone);
        _disk?.PowerCut(gone);
        return gone;
    }

    /// <summary>
    /// The next write of a kind to the system area of a medium that persists goes wrong.
    /// </summary>
    public void Inject(SystemAreaFault fault, SystemWrite at) => _ftl?.Inject(fault, at);

    /// <summary>Makes a change of metadata durable before the command that made it ends.</summary>
    internal MediumResult KeepMetadata(SimTime now)
    {
        if (!IsPersistent)
            return MediumResult.Success(now);
        _ftl!.MetadataChanged();
        return _pages.Flush(now);
    }

    /// <summary>Has a change of metadata made durable soon, without anybody waiting and without what the cache holds.</summary>
    internal void BeginToKeepMetadata(SimTime now)
    {
        if (!IsPersistent)
            return;
        _ftl!.MetadataChanged();
        _ftl.BeginFlush(now);
    }

    /// <summary>Whether another run of blocks may be marked uncorrectable.</summary>
    internal bool HasRoomForMarks => HasRoomForMarkedRuns(1);

    /// <summary>Bytes that the device's metadata may take; 0 where none is kept.</summary>
    internal int MetadataBytes => _ftl?.MetadataBytes ?? 0;

    /// <summary>Whether so many more runs of blocks may be marked uncorrectable, in namespaces or snapshots.</summary>
    internal bool HasRoomForMarkedRuns(int runs)
    {
        if (!IsPersistent || runs == 0)
            return true;
        int left = DriveMetadata.MostUncorrectableRuns(MetadataBytes) - Snapshots.Marks;
        foreach (Namespace ns in Namespaces.All)
            left -= ns.UncorrectableRuns(left);
        return left >= runs;
    }

    /// <summary>Has a change of metadata made durable by the next flush.</summary>
    internal void MetadataChanged() => _ftl?.MetadataChanged();

    /// <summary>A medium for a drive in memory, or the given one, with a format header if it is new.</summary>
    private static Medium Prepare(DriveOptions options, Medium? given)
    {
        if (given == null)
            return new MemoryMedium(options.EffectiveGeometry());
        if (given.Persists && options.Profile is { Flash: null })
        {
            throw new MediumException(
                $"{options.MediumName} cannot be the medium of a disk, which keeps its contents in memory; leave the medium out, "
                + $"or configure another profile than {options.Profile.Name}");
        }

        if (given.Persists && MediumFormat.IsBlank(HeaderOf(given)))
            FlashTranslationLayer.Format(given, options.ToMediumFormat());
        if (given.Persists)
            CheckFits(options, MediumFormat.ReadFrom(HeaderOf(given), options.MediumName));
        return given;
    }

    private static unsafe ReadOnlySpan<byte> HeaderOf(Medium medium) => new(medium.System, MediumFormat.Bytes);

    private static void CheckFits(DriveOptions options, MediumFormat format)
    {
        if (format.CapacityBytes != options.CapacityBytes)
        {
            throw new MediumException(
                $"{options.MediumName} is the medium of a drive of {format.CapacityBytes} bytes, {options.CapacityBytes} are configured; "
                + "configure its size, or have it formatted anew");
        }

        if (options.EffectiveGeometry().ParityBytes is var parity && parity > format.Geometry.ParityBytes)
        {
            throw new MediumException(
                $"{options.MediumName} has {format.Geometry.ParityBytes} bytes of parity beside a page, the namespaces' code takes {parity}; "
                + "configure a code that fits, or have it formatted anew");
        }

        if (options.Geometry != null && options.Geometry with { ParityBytes = format.Geometry.ParityBytes } != format.Geometry)
        {
            throw new MediumException(
                $"{options.MediumName} has another flash geometry than the one that is configured; configure its own, or have it formatted anew");
        }
    }

    private void TakeOverMetadata()
    {
        var metadata = new DriveMetadata(this);
        if (_ftl == null || _ftl.FoundMetadata.IsEmpty)
        {
            foreach (NamespaceOptions wanted in Options.Namespaces)
                Namespaces.CreateConfigured(wanted);
        }
        else
        {
            metadata.ReadFrom(_ftl.FoundMetadata);
        }

        Health.PoweredOn(afterLoss: Recovery is { WasClean: false });
        if (!IsPersistent)
            return;
        _ftl!.KeepMetadata(metadata);
        Snapshots.TakeOver();
        Sanitize.Resume(SimTime.Zero);
        if (!KeepMetadata(SimTime.Zero).IsSuccess)
            throw new MediumException($"{Options.MediumName} cannot be written");
    }
}
