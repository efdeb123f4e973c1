namespace Emulator.Host.Migrate;

/// <summary>Where people see how a migration goes.</summary>
internal interface IMigrateDisplay
{
    /// <summary>A phase begins.</summary>
    void Begin(MigratePhase phase);

    /// <summary>How it is now; called often.</summary>
    void Show(MigrateSample sample);

    /// <summary>Something that is worth a line.</summary>
    void Say(string line);
}
