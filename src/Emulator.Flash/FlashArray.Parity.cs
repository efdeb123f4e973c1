using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// What lies beside a page for an error-correcting code of the drive's own; it goes where the page goes.
/// </summary>
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

    /// <summary>
    /// CRC-32C of a page as it will be stored: of its contents, and of its parity if its form says that there is one.
    /// </summary>
    public uint ChecksumOf(ReadOnlySpan<byte> data, ReadOnlySpan<byte> parity, StoredForm form)
    {
        if (_data == null || data.IsEmpty)
            return 0;
        uint state = Crc32C.Append(Crc32C.Initial, data);
        if (form.HasEcc && Medium.Parity != null)
        {
            state = Crc32C.Append(state, parity);
            for (int rest = Geometry.ParityBytes - parity.Length; rest > 0; rest--)
                state = Crc32C.Append(state, [0]);
        }

        return Crc32C.Finish(state);
    }

    private void CopyParity(PhysicalPage from, PhysicalPage to) => ParityOf(from).CopyTo(ParityOf(to));

    private Span<byte> ParityOf(PhysicalPage page) => Medium.ParityOf(page.Value);
}
