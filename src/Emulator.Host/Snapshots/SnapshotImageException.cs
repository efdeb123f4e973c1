namespace Emulator.Host.Snapshots;

/// <summary>
/// An image that is damaged, or one that could not be brought to its end. The message says what is left; it ends the process
/// with <see cref="ExitCode.Failure"/>.
/// </summary>
internal sealed class SnapshotImageException(string message, Exception? inner = null) : Exception(message, inner);
