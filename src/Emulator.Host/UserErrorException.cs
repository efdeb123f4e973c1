namespace Emulator.Host;

/// <summary>
/// A mistake of whoever started the process. The message is one line that says what is wrong and where; it ends the
/// process with <see cref="ExitCode.UserError"/> and no stack trace.
/// </summary>
public sealed class UserErrorException(string message) : Exception(message);
