namespace Emulator.Host.Migrate;

/// <summary>
/// Something that makes the destination equal to the source while the VM runs: a first pass, rounds, and when the VM is
/// halted the last of them. A further way to move data is another of these.
/// </summary>
internal interface IMover : IDisposable
{
    /// <summary>It moves only while <see cref="Advance"/> is called, and that takes a moment each time.</summary>
    bool IsCarried { get; }

    /// <summary>Begins, or finds what an orchestrator that died has begun.</summary>
    /// <param name="isRepeated">The destination holds what an earlier attempt of this migration moved.</param>
    void Start(bool isRepeated);

    /// <summary>Goes on for a moment, where it has to be carried, and tells how far it is.</summary>
    MoverProgress Advance();

    /// <summary>The VM is halted: what is still dirty is sent, then the last of the state.</summary>
    void Finish();

    /// <summary>Stops; nothing at the destination is undone.</summary>
    void Cancel();
}
