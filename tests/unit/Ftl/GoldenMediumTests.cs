using System.IO.Compression;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

namespace Emulator.UnitTests.Ftl;

/// <summary>
/// Media of each version as they were written when the version was made. A change that these tests notice needs another
/// version. EMULATOR_WRITE_GOLDEN=1 writes the file into the source tree, for that other version.
/// </summary>
public sealed unsafe class GoldenMediumTests
{
    private const int Pages = 64;
    private const string SnapshotMedium = "snapshots-v2.gz";
    private const string UsedMedium = "used-v1.gz";
    private const string EmptyMedium = "empty-v1.gz";

    private static readonly MediumFormat Format = new()
    {
        Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Geometry = new FlashGeometry
        {
            Channels = 1,
            DiesPerChannel = 2,
            PlanesPerDie = 1,
            PagesPerBlock = 4,
            BlocksPerPlane = 14,
        },
        LogicalPages = Pages,
        MetadataBytes = 4096,
        JournalBytes = 16 << 10,
        OverProvisioningPercent = 28,
        SubsystemNqn = "nqn.2026-11.io.emulator:golden",
        SerialNumber = "GOLDEN",
    };

    [Fact]
    public void A_medium_of_version_1_is_read()
    {
        using MemoryMedium medium = Create();
        Load(medium, UsedMedium);

        using FlashTranslationLayer ftl = new(new FlashArray(medium), Pages);

        Assert.Equal(RecoveryBase.Newest, ftl.RecoveryReport!.Base);
        Assert.Equal("metadata of the device", System.Text.Encoding.UTF8.GetString(ftl.FoundMetadata));
        byte[] data = new byte[FlashGeometry.PageBytes];
        for (uint page = 0; page < Pages; page++)
        {
            Assert.True(ftl.Read(SimTime.Zero, new LogicalPage(page), 0, data).IsSuccess);
            Assert.Equal(page % 7 == 0 ? 0 : 2, data[0]);
        }
    }

    /// <summary>A volume of 64 pages in two snapshots; how it came to be is in <see cref="MakeSnapshots"/>.</summary>
    [Fact]
    public void A_medium_of_version_2_is_read_with_its_snapshots()
    {
        if (Environment.GetEnvironmentVariable("EMULATOR_WRITE_GOLDEN") == "1")
        {
            using MemoryMedium made = Create(FormatWithSnapshots);
            MakeSnapshots(made);
            Save(made, SnapshotMedium);
        }

        using MemoryMedium medium = Create(FormatWithSnapshots);
        Load(medium, SnapshotMedium);
        using FlashTranslationLayer ftl = new(new FlashArray(medium), Pages);

        Assert.Equal<ushort>([3, 7], ftl.Snapshots);
        byte[] data = new byte[FlashGeometry.PageBytes];
        for (uint page = 0; page < Pages; page++)
        {
            Assert.True(ftl.Read(SimTime.Zero, new LogicalPage(page), 0, data).IsSuccess);
            Assert.Equal(page % 5 == 0 ? 0 : page % 3 == 0 ? 3 : page % 2 == 0 ? 2 : 1, data[0]);
            Assert.True(ftl.ReadStored(SimTime.Zero, 3, new LogicalPage(page), data, []).IsSuccess);
            Assert.Equal(1, data[0]);
            Assert.True(ftl.ReadStored(SimTime.Zero, 7, new LogicalPage(page), data, []).IsSuccess);
            Assert.Equal(page % 2 == 0 ? 2 : 1, data[0]);
        }
    }

    private static MediumFormat FormatWithSnapshots => Format with
    {
        SnapshotChunks = 1,
        Geometry = Format.Geometry with { BlocksPerPlane = 32 },
    };

    /// <summary>Every page is 1 in snapshot 3; even ones are 2 in snapshot 7; then every third is 3, and every fifth is trimmed.</summary>
    private static void MakeSnapshots(MemoryMedium medium)
    {
        FlashTranslationLayer.Format(medium, FormatWithSnapshots);
        using FlashTranslationLayer ftl = new(new FlashArray(medium), Pages);
        ftl.AssignVolume(1, [0]);
        Fill(1, step: 1);
        Assert.True(ftl.CreateSnapshot(SimTime.Zero, 3, 1));
        Fill(2, step: 2);
        Assert.True(ftl.CreateSnapshot(SimTime.Zero, 7, 1));
        Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
        Fill(3, step: 3);
        for (uint page = 0; page < Pages; page += 5)
            ftl.Trim(SimTime.Zero, new LogicalPage(page));
        Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);

        void Fill(byte value, uint step)
        {
            byte[] data = new byte[FlashGeometry.PageBytes];
            data.AsSpan().Fill(value);
            for (uint page = 0; page < Pages; page += step)
                Assert.True(ftl.Write(SimTime.Zero, new LogicalPage(page), WriteStream.Host, data).IsSuccess);
        }
    }

    /// <summary>Without pages, since where those go is for the translation layer to choose.</summary>
    [Fact]
    public void A_medium_is_written_as_version_1_is()
    {
        using MemoryMedium medium = Create();
        Exercise(medium, pages: 0);
        if (Environment.GetEnvironmentVariable("EMULATOR_WRITE_GOLDEN") == "1")
        {
            Save(medium, EmptyMedium);
            using MemoryMedium used = Create();
            Exercise(used, Pages);
            Save(used, UsedMedium);
        }

        using MemoryMedium golden = Create();
        Load(golden, EmptyMedium);
        AssertSame("system area", medium.System, golden.System, (int)medium.SystemBytes);
    }

    [Fact]
    public void A_spare_area_is_laid_out_as_in_version_1()
    {
        var spare = SpareArea.Checked(0x01020304, 0x0506_0708_090A, StoredForm.Plain, 0x0B0C0D0E);
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<SpareArea>(in spare)).ToArray();
        uint own = Crc32C.Compute(bytes.AsSpan(0, 12));
        Assert.Equal("04-03-02-01-0A-09-08-07-06-05-FF-0F", BitConverter.ToString(bytes, 0, 12));
        Assert.Equal(0x0B0C0D0Eu ^ own, BitConverter.ToUInt32(bytes, 12));
    }

    private static void AssertSame(string part, byte* written, byte* expected, int length)
    {
        int same = new ReadOnlySpan<byte>(written, length).CommonPrefixLength(new ReadOnlySpan<byte>(expected, length));
        Assert.True(same == length, $"the {part} is another from byte {same} of {length} on");
    }

    /// <summary>A life that ends with a shutdown, and one that ends without.</summary>
    private static void Exercise(MemoryMedium medium, uint pages)
    {
        FlashTranslationLayer.Format(medium, Format);
        byte[] data = new byte[FlashGeometry.PageBytes];
        for (byte life = 1; life <= 2; life++)
        {
            using FlashTranslationLayer ftl = new(new FlashArray(medium), Pages);
            ftl.KeepMetadata(new DeviceText());
            ftl.MetadataChanged();
            data.AsSpan().Fill(life);
            for (uint page = 0; page < pages; page++)
                Assert.True(ftl.Write(SimTime.Zero, new LogicalPage(page), WriteStream.Host, data).IsSuccess);
            for (uint page = 0; page < pages; page += 7)
                ftl.Trim(SimTime.Zero, new LogicalPage(page));
            Assert.True((life == 1 ? ftl.Shutdown(SimTime.Zero) : ftl.Flush(SimTime.Zero)).IsSuccess);
        }
    }

    private static MemoryMedium Create() => Create(Format);

    private static MemoryMedium Create(MediumFormat format) =>
        new(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);

    private static void Load(MemoryMedium medium, string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", name));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        unpacked.ReadExactly(new Span<byte>(medium.System, (int)medium.SystemBytes));
        unpacked.ReadExactly(new Span<byte>(medium.Spare, (int)medium.Geometry.PageCount * sizeof(SpareArea)));
        unpacked.ReadExactly(new Span<byte>(medium.Data, (int)medium.Geometry.Bytes));
    }

    private static void Save(MemoryMedium medium, string name)
    {
        string path = Path.Combine(Architecture.SourceTree.Root, "tests", "unit", "Ftl", "Golden", name);
        using FileStream file = File.Create(path);
        using var packed = new GZipStream(file, CompressionLevel.SmallestSize);
        packed.Write(new ReadOnlySpan<byte>(medium.System, (int)medium.SystemBytes));
        packed.Write(new ReadOnlySpan<byte>(medium.Spare, (int)medium.Geometry.PageCount * sizeof(SpareArea)));
        packed.Write(new ReadOnlySpan<byte>(medium.Data, (int)medium.Geometry.Bytes));
    }

    private sealed class DeviceText : IDeviceMetadata
    {
        public int WriteTo(Span<byte> destination) => System.Text.Encoding.UTF8.GetBytes("metadata of the device", destination);
    }
}
