namespace Emulator.Ftl;

/// <summary>What the translation layer did, in pages of 4 KiB unless the name says otherwise.</summary>
public struct FtlCounters
{
    public long HostPagesWritten;
    public long PagesMoved;

    /// <summary>Pages that only filled up a program operation.</summary>
    public long PagesPadded;

    public long PagesTrimmed;
    public long SuperblocksErased;

    /// <summary>Pages programmed for each page that the host wrote; 0 before the first write.</summary>
    public readonly double WriteAmplification =>
        HostPagesWritten == 0 ? 0 : (double)(HostPagesWritten + PagesMoved + PagesPadded) / HostPagesWritten;
}
