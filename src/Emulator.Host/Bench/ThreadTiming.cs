using System.Runtime.InteropServices;

namespace Emulator.Host.Bench;

/// <summary>What a thread that stands for another machine asks of the scheduler of this one.</summary>
internal static unsafe partial class ThreadTiming
{
    private const int RealTime = 1;
    private const int LeastPriority = 1;

    /// <summary>Sleeps for at least so long; the framework rounds less than a millisecond away, the kernel adds about 50 microseconds.</summary>
    /// <param name="microseconds">Below a second.</param>
    public static void Sleep(int microseconds)
    {
        var time = new Duration { Nanoseconds = microseconds * 1000L };
        _ = NanoSleep(&time, null);
    }

    /// <summary>The calling thread goes before every other that is not like it (SCHED_FIFO).</summary>
    /// <returns>False if this user may not ask for that.</returns>
    public static bool TryGoFirst()
    {
        int priority = LeastPriority;
        return SetScheduler(0, RealTime, &priority) == 0;
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(Duration* request, Duration* remaining);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int processOrThread, int policy, int* priority);

    private struct Duration
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
