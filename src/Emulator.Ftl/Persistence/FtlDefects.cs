namespace Emulator.Ftl.Persistence;

/// <summary>
/// Steps that a translation layer can be told to leave out. Only tests do, which show that such a layer is found out.
/// </summary>
[Flags]
public enum FtlDefects
{
    None = 0,

    /// <summary>Trims are not recorded in the journal.</summary>
    TrimsUnrecorded = 1 << 0,

    /// <summary>Superblocks are erased before what was moved out of them, or overwritten, is durable.</summary>
    ErasesAtOnce = 1 << 1,

    /// <summary>Recovery takes any page for a logical page, not the one with the highest sequence.</summary>
    SequencesIgnored = 1 << 2,

    /// <summary>Recovery takes torn pages for whole ones.</summary>
    ChecksumsIgnored = 1 << 3,

    /// <summary>Flush does not synchronise the medium.</summary>
    SyncsLeftOut = 1 << 4,

    /// <summary>Recovery does not apply the trims of the journal.</summary>
    TrimsNotReplayed = 1 << 5,

    /// <summary>Recovery does not scan what was programmed since the checkpoint.</summary>
    ScanLeftOut = 1 << 6,

    /// <summary>The journal does not tell what snapshots keep.</summary>
    KeptUnrecorded = 1 << 7,

    /// <summary>Recovery does not find out what was replaced after the last flush.</summary>
    ReplacedNotKept = 1 << 8,

    /// <summary>A flush that comes while the medium is synchronised in the background is taken to be part of that.</summary>
    LateFlushesJoin = 1 << 16,

    /// <summary>Superblocks that were emptied while the medium is synchronised in the background are taken to be part of that.</summary>
    LateEmptiedJoin = 1 << 17,
}
