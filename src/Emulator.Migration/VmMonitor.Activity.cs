using System.Numerics;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>Section 3 of the storage state, I/O activity: what the VM did, and the same taken over from another drive.</summary>
public sealed partial class VmMonitor
{
    private VmIoCounts _counts;

    /// <summary>Commands of the VM, and bytes that they moved.</summary>
    public ref VmIoCounts Counts => ref _counts;

    /// <summary>The rate to which the VM is held while it is a source.</summary>
    public WriteLimit WriteLimit { get; } = new();

    public void WriteActivity(StateWriter writer)
    {
        writer.BeginSection(StateSectionType.IoActivity);
        ulong granules = 0;
        foreach (ChangeTracker tracker in _trackers.Values)
            granules += tracker is { IsAttached: true, IsDeleted: false } ? (ulong)tracker.Written.Count : 0;
        writer.Attribute(ActivityAttribute.Activity, 0, new ActivityState
        {
            Granule = 1u << GranuleShift,
            Threshold = Threshold,
            Flags = IsThresholdExceeded ? ActivityState.ThresholdExceeded : 0,
            GranulesWritten = granules,
            ReadCommands = Counts.ReadCommands,
            WriteCommands = Counts.WriteCommands,
            BytesRead = Counts.BytesRead,
            BytesWritten = Counts.BytesWritten,
        });
        var set = new StateSetWriter(writer);
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            if (!tracker.IsAttached || tracker.IsDeleted)
                continue;
            set.Begin((ushort)ActivityAttribute.Written, tracker.Nsid);
            foreach ((ulong first, ulong count) in tracker.WrittenGranules)
                set.Add(first, count);
            set.End();
        }

        writer.EndSection();
    }

    /// <summary>What stands against taking over the activity of a state, whose namespaces are those of this VM.</summary>
    /// <returns>Success, Storage State Invalid or Storage State Incompatible.</returns>
    public Status ActivityProblem(StateImage image)
    {
        if ((image.Sections & StateSections.IoActivity) == 0)
            return Status.Success;
        ReadOnlySpan<byte> bytes = image[new StateAttributeId(ActivityAttribute.Activity, 0)];
        if (bytes.Length != ActivityState.Size)
            return Status.StorageStateInvalid;
        ActivityState activity = WireStruct.Read<ActivityState>(bytes);
        if (!BitOperations.IsPow2(activity.Granule.Value) || activity.Granule < LeastGranule)
            return Status.StorageStateInvalid;
        int shift = BitOperations.Log2(activity.Granule);
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in WrittenSets(image))
        {
            if (!_trackers.TryGetValue(id.Nsid, out ChangeTracker? tracker) || !tracker.IsAttached || tracker.IsDeleted)
                return Status.StorageStateIncompatible;
            ulong units = (((tracker.BlockCount << tracker.BlockShift) - 1) >> shift) + 1;
            if (StateSetReader.Problem(value.Span, id.Part, units) != null)
                return Status.StorageStateInvalid;
        }

        return Status.Success;
    }

    /// <summary>
    /// Takes over activity that there is nothing against: the VM goes on here as if it had been here. Where granules are
    /// larger here than there, those that hold any of them count.
    /// </summary>
    public void TakeActivity(StateImage image)
    {
        if ((image.Sections & StateSections.IoActivity) == 0)
            return;
        ActivityState activity = WireStruct.Read<ActivityState>(image[new StateAttributeId(ActivityAttribute.Activity, 0)]);
        int shift = BitOperations.Log2(activity.Granule);
        _threshold = 0;
        ForgetWritten();
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in WrittenSets(image))
        {
            var reader = new StateSetReader(value.Span, id.Part);
            while (reader.TryNext(out ulong first, out ulong count))
                TakeWritten(_trackers[id.Nsid], first << shift, count << shift);
        }

        _counts = new VmIoCounts
        {
            ReadCommands = activity.ReadCommands,
            WriteCommands = activity.WriteCommands,
            BytesRead = activity.BytesRead,
            BytesWritten = activity.BytesWritten,
        };
        Threshold = RescaledThreshold(activity.Threshold, shift);
    }

    /// <summary>A set tells granules of 512 bytes at least: no namespace has smaller blocks.</summary>
    private const uint LeastGranule = 512;

    private static IEnumerable<KeyValuePair<StateAttributeId, ReadOnlyMemory<byte>>> WrittenSets(StateImage image) =>
        image.AllOf(StateSectionType.IoActivity, (ushort)ActivityAttribute.Written);

    private void TakeWritten(ChangeTracker tracker, ulong start, ulong bytes)
    {
        ulong first = start >> GranuleShift;
        ulong end = Math.Min(((start + bytes - 1) >> GranuleShift) + 1, (ulong)tracker.Granules);
        tracker.AddWritten((long)first, (long)(end - first));
    }

    /// <summary>The threshold in granules of this drive, at least 1 where there is one.</summary>
    private uint RescaledThreshold(uint threshold, int shift) => threshold == 0
        ? 0
        : (uint)Math.Clamp(((ulong)threshold << shift) >> GranuleShift, 1, VendorCommandSet.KeepThreshold - 1);
}

/// <summary>What a VM had done, in commands and bytes. Commands of a shared controller that carry no stream are its own VM's.</summary>
public struct VmIoCounts
{
    public ulong ReadCommands;
    public ulong WriteCommands;
    public ulong BytesRead;
    public ulong BytesWritten;

    /// <summary>From arrival to end of all I/O commands; of this drive alone, so that it does not move with the VM.</summary>
    public ulong Nanoseconds;
}
