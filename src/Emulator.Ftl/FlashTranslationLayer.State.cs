namespace Emulator.Ftl;

/// <summary>How data came to where it is, as far as another translation layer can make use of it.</summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>Pages that share a heat.</summary>
    public const int PagesPerHeat = HeatMap.PagesPerRegion;

    /// <summary>Whether it tells hot places from cold ones.</summary>
    public bool HasHeat => _heat != null;

    /// <summary>Whether any superblock was written by a stream, or apart as cold.</summary>
    public bool HasStreams
    {
        get
        {
            for (int i = 0; i < _superblocks.Count; i++)
            {
                if (_superblocks.StreamOf(i) != WriteStream.Host.Value && _superblocks.ValidPages(i) > 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>How often the place of a page was written of late, 0 to 255; it tells hot places.</summary>
    public byte HeatOf(LogicalPage page) => _heat!.CountOf(page);

    /// <summary>Makes the place of a page as hot as it was elsewhere.</summary>
    public void SetHeat(LogicalPage page, byte heat) => _heat!.SetCount(page, heat);

    /// <summary>The stream of the superblock that holds a page; that of hosts if there is none.</summary>
    public WriteStream StreamOf(LogicalPage page)
    {
        uint physical = MapEntry(page);
        return physical < Flash.PhysicalPage.Lost.Value
            ? new WriteStream(_superblocks.StreamOf(SuperblockOf(physical)))
            : WriteStream.Host;
    }
}
