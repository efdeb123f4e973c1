namespace Emulator.Host.Migrate;

/// <summary>A QMP socket is none, says nothing, or QEMU refused a command.</summary>
internal sealed class QmpException(string message) : Exception(message);
