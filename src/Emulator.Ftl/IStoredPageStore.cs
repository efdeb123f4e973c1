using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>A page store that gives access to its pages in the form in which the medium has them.</summary>
public interface IStoredPageStore : IPageStore
{
    /// <summary>Whether pages read back as what was written; not so on a medium that keeps no contents.</summary>
    bool KeepsContents { get; }

    /// <summary>Whether pages may have been written by an earlier drive, under other settings.</summary>
    bool Persists { get; }

    /// <summary>Bytes of parity that each page can have.</summary>
    int ParityBytes { get; }

    /// <summary>In what form a page is stored.</summary>
    /// <returns>False for a page that is not mapped.</returns>
    bool TryGetForm(LogicalPage page, out StoredForm form);

    /// <summary>Reads a mapped page as the medium has it.</summary>
    /// <param name="stored">Room for a whole page.</param>
    /// <param name="parity">Room for <see cref="ParityBytes"/>.</param>
    MediumResult ReadStored(SimTime now, LogicalPage page, Span<byte> stored, Span<byte> parity);

    /// <summary>Writes a page in any form.</summary>
    /// <param name="stored">A whole page, of which the form says how much means something.</param>
    /// <param name="parity">At most <see cref="ParityBytes"/>.</param>
    MediumResult WriteStored(
        SimTime now,
        LogicalPage page,
        WriteStream stream,
        ReadOnlySpan<byte> stored,
        ReadOnlySpan<byte> parity,
        StoredForm form);
}
