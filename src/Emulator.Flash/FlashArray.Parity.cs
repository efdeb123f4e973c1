namespace Emulator.Flash;

/// <summary>What lies beside a page for an error-correcting code of the drive's own; it goes where the page goes.</summary>
public sealed unsafe partial class FlashArray
{
    /// <summary>The parity of a programmed page; empty where the medium keeps none.</summary>
    public ReadOnlySpan<byte> ReadParity(PhysicalPage page)
    {
        CheckProgrammed(page);
        return ParityOf(page);
    }

    /// <summary>Programs the parity of a page that was programmed last; what is not given is zero.</summary>
    public void ProgramParity(PhysicalPage page, ReadOnlySpan<byte> parity)
    {
        CheckProgrammed(page);
        Span<byte> area = ParityOf(page);
        parity.CopyTo(area);
        area[parity.Length..].Clear();
    }

    private void CopyParity(PhysicalPage from, PhysicalPage to) => ParityOf(from).CopyTo(ParityOf(to));

    private Span<byte> ParityOf(PhysicalPage page) => Medium.ParityOf(page.Value);
}
