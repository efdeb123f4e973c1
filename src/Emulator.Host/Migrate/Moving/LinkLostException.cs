namespace Emulator.Host.Migrate;

/// <summary>A drive closed a connection, or is silent though it was asked: what was outstanding may have been done or not.</summary>
internal sealed class LinkLostException(string message) : Exception(message);
