namespace Emulator.Host;

/// <summary>How the process ends.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something failed that should not: a defect, or the machine.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong, or an address is taken.</summary>
    public const int UserError = 2;

    /// <summary>A migration failed and was taken back: the VM runs on where it was.</summary>
    public const int RolledBack = 3;

    /// <summary>A migration was taken back since the VM writes faster than its data moves.</summary>
    public const int NotConverging = 4;

    /// <summary>A migration has passed its switch and is not at its end: it has to be resumed.</summary>
    public const int Unfinished = 5;

    /// <summary>SIGINT (Ctrl-C) ended it before it was through.</summary>
    public const int Interrupted = 130;
}
