using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>A connection could not be made, or broke in the middle of a synchronous call.</summary>
public sealed class HostConnectionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A command of a call that needs it to succeed did not.</summary>
public sealed class HostCommandException(string what, HostCompletion completion)
    : Exception($"{what}: {completion.Status}, dword 0 {completion.Dw0:X}h")
{
    public HostCompletion Completion { get; } = completion;

    public Status Status => Completion.Status;
}
