using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Pages of 4 KiB by their logical number, beneath the cache: flash with its translation layer, or a disk. Every
/// operation acts in full when it is called and tells when it is done in the time of the model.
/// </summary>
public interface IPageStore : IDisposable
{
    long LogicalPageCount { get; }

    bool IsMapped(LogicalPage page);

    /// <summary>The first page of a run that is mapped, or that is not.</summary>
    /// <returns>Pages before it; <paramref name="count"/> when there is none.</returns>
    int FirstPage(LogicalPage start, int count, bool mapped);

    /// <summary>Reads part of a page; what was never written or was trimmed reads as zeroes.</summary>
    /// <returns>When the data is there. With an error the contents of <paramref name="destination"/> are of no use.</returns>
    MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination);

    /// <summary>Writes one whole page.</summary>
    /// <returns>When the page is programmed; with several pages to one program operation, when it has begun.</returns>
    MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data);

    /// <summary>Forgets a page: it reads as zeroes from now on.</summary>
    SimTime Trim(SimTime now, LogicalPage page);

    /// <summary>
    /// How many pages one program operation takes; whoever writes that many in a row loses nothing to padding.
    /// </summary>
    int ProgramPages { get; }

    /// <summary>Programs what was written so far; where a program operation takes more pages, the rest is padded.</summary>
    /// <returns>When all of it is programmed.</returns>
    MediumResult Commit(SimTime now);

    /// <summary>Makes everything written and trimmed so far survive a loss of power: a commit, and the map's journal.</summary>
    /// <returns>When it does.</returns>
    MediumResult Flush(SimTime now);

    /// <summary>
    /// As <see cref="Flush"/>, without waiting for the medium where it can be synchronised in the background: the result may
    /// name a synchronisation that has to be over besides.
    /// </summary>
    MediumResult BeginFlush(SimTime now) => Flush(now);

    /// <summary>Whether what the medium says of the page that a logical page is mapped to agrees with the map.</summary>
    bool IsIntact(LogicalPage page);

    /// <summary>Makes the medium unable to read a page until it is written again, as a fault that somebody asks for.</summary>
    /// <returns>False for a page that is not mapped, which there is nothing of to damage.</returns>
    bool Damage(LogicalPage page);

    /// <summary>Leaves nothing on the medium that no logical page maps to.</summary>
    SimTime EraseStale(SimTime now);

    /// <summary>When <see cref="Advance"/> wants to be called next; <see cref="SimTime.Never"/> when nothing is to do.</summary>
    SimTime NextEvent { get; }

    /// <summary>Does work in the background that is due.</summary>
    void Advance(SimTime now);
}
