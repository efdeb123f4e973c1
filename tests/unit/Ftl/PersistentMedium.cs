using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

namespace Emulator.UnitTests.Ftl;

/// <summary>Makes media in memory that a drive can be built on again.</summary>
internal static class PersistentMedium
{
    public static MemoryMedium Create(int pages, int overProvisioningPercent = 28)
    {
        MediumFormat format = FormatFor(pages, overProvisioningPercent);
        var medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
        FlashTranslationLayer.Format(medium, format);
        return medium;
    }

    public static MediumFormat FormatFor(int pages, int overProvisioningPercent = 28)
    {
        long bytes = (long)pages * FlashGeometry.PageBytes;
        return new MediumFormat
        {
            Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
            Geometry = FlashGeometry.ForCapacity(bytes, overProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks),
            LogicalPages = pages,
            MetadataBytes = 4096,
            JournalBytes = 32 << 10,
            OverProvisioningPercent = overProvisioningPercent,
            SubsystemNqn = "nqn.2026-11.io.emulator:test",
            SerialNumber = "TEST",
        };
    }
}
