namespace Emulator.Simulation;

/// <summary>
/// A workload, a job file or a trace cannot be run as it is written. The message is one line; where a file is at fault, it
/// begins with the name of the file and the number of the line.
/// </summary>
public sealed class WorkloadException(string message) : Exception(message)
{
    /// <param name="file">As the user named it.</param>
    /// <param name="line">From 1.</param>
    public static WorkloadException At(string file, long line, string what) => new($"{file}: line {line}: {what}");
}
