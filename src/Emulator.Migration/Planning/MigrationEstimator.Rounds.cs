namespace Emulator.Migration;

/// <summary>The rounds of dirty block tracking.</summary>
public sealed partial class MigrationEstimator
{
    /// <returns>False if the dirty blocks are not expected to become few.</returns>
    private bool Merge(ref Progress pass)
    {
        double dirty = DirtyAfter(pass.Writes);
        double last = 0;
        int stable = 0;
        bool converges = dirty <= _task.Scheme.ConvergedBytes;
        for (int round = 0; dirty > _task.Scheme.ConvergedBytes && round < _task.Scheme.MostRounds; round++)
        {
            bool isAlike = round > 0 && Math.Abs(dirty - last) * 100 <= last * _task.Scheme.StablePercent;
            stable = isAlike ? stable + 1 : 0;
            if (stable >= _task.Scheme.StableRounds)
                break;
            last = dirty;
            dirty = Round(dirty, isPaused: false, ref pass);
            converges = dirty <= _task.Scheme.ConvergedBytes;
        }

        Round(dirty, isPaused: true, ref pass);
        return converges;
    }

    private double DirtyAfter(double writes) => _coverage.After(writes).Blocks * WorkingSetBytes;

    /// <returns>Bytes that are dirty after it.</returns>
    private double Round(double dirty, bool isPaused, ref Progress pass)
    {
        CopyTask task = MergeTask(dirty);
        _media.Solve(RequestRouting.Source, task, isGuestIdle: isPaused);
        double seconds = dirty / (_media.CopyRate * task.WriteBytes);
        double requests = isPaused ? 0 : seconds * _media.GuestRate;
        pass.Seconds += seconds;
        pass.Downtime += isPaused ? seconds : 0;
        pass.Requests += requests;
        pass.Writes += requests * Workload.WriteShare;
        pass.ToSource += requests * Workload.WriteShare;
        pass.BytesMerged += dirty;
        pass.BytesRead += dirty / task.WriteBytes * task.ReadBytes;
        return DirtyAfter(requests * Workload.WriteShare);
    }

    /// <summary>
    /// What a command of the copy takes along: the copy reads over gaps, so that dirty blocks near one another are read at
    /// once, and what lies alone is copied alone.
    /// </summary>
    private CopyTask MergeTask(double dirty)
    {
        double density = Math.Min(1, dirty / WorkingSetBytes) * (Workload.WorkingSetStart == null ? Workload.WorkingSetShare : 1);
        density = Math.Max(density, Workload.SequentialShare);
        double gap = Workload.RequestBytes / Math.Max(density, 1e-9);
        if (gap > _task.Scheme.ReadThroughBytes)
            return _copy with { ReadBytes = Workload.RequestBytes, WriteBytes = Workload.RequestBytes, IsSequential = false };
        return Scattered(density);
    }
}
