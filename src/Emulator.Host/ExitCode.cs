namespace Emulator.Host;

/// <summary>How the process ends.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something failed that should not: a defect, or the machine.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong, or an address is taken.</summary>
    public const int UserError = 2;

    /// <summary>SIGINT (Ctrl-C) ended it before it was through.</summary>
    public const int Interrupted = 130;
}
