using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The last errors of one controller (Base 2.1, 5.1.12.1.2). Recording one allocates nothing.</summary>
internal sealed class ErrorLog
{
    /// <summary>ELPE, 1-based.</summary>
    public const int Entries = 64;

    private readonly ErrorInformationEntry[] _ring = new ErrorInformationEntry[Entries];
    private int _newest;

    /// <param name="number">Unique over the life of the drive, from 1.</param>
    /// <param name="queueId">The queue that the command came by.</param>
    /// <param name="information">Command Specific Information, 0 for none.</param>
    public void Record(ulong number, ushort queueId, in SubmissionEntry entry, Status status, ulong information)
    {
        _newest = (_newest + 1) % Entries;
        _ring[_newest] = new ErrorInformationEntry
        {
            Ecnt = number,
            Sqid = queueId,
            Cid = entry.Cid,
            Sts = (ushort)(status.Value << 1),
            Pel = ErrorInformationEntry.NoParameter,
            Lba = queueId == 0 ? 0 : entry.Cdw10And11,
            Nsid = entry.Nsid,
            Opc = entry.Opcode,
            Csinfo = information,
            Lpver = 1,
        };
    }

    /// <summary>Errors, the newest first.</summary>
    public IEnumerable<ErrorInformationEntry> Newest =>
        from age in Enumerable.Range(0, Entries)
        let entry = _ring[(_newest - age + Entries) % Entries]
        where entry.Ecnt != 0
        select entry;

    /// <summary>Takes the place of another log.</summary>
    /// <param name="newest">The newest first.</param>
    public void TakeOver(IReadOnlyCollection<ErrorInformationEntry> newest)
    {
        Clear();
        foreach (ErrorInformationEntry entry in newest.Take(Entries).Reverse())
            _ring[_newest = (_newest + 1) % Entries] = entry;
    }

    public void Clear() => Array.Clear(_ring);

    /// <summary>The newest first; those that are not there are all zeroes.</summary>
    public void WriteTo(ref LogPageReader page)
    {
        for (int age = 0; age < Entries; age++)
            page.Append(_ring[(_newest - age + Entries) % Entries]);
    }
}
