using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Host;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;

namespace Emulator.UnitTests.Host;

public sealed class DriveProfileSettingsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-profile-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_profile_gives_shape_spare_capacity_timing_and_errors()
    {
        DriveOptions drive = Drive("""{ "size": "4GiB", "profile": "qlc" }""");

        Assert.Equal("qlc", drive.Profile!.Name);
        Assert.Equal((DriveTiming.Model, true), (drive.Timing, drive.HasMediaErrors));
        Assert.Equal(9, drive.OverProvisioningPercent);
        FlashGeometry shape = drive.EffectiveGeometry();
        Assert.Equal((8, 4, 2, 4), (shape.Channels, shape.DiesPerChannel, shape.PlanesPerDie, shape.MapPagesPerFlashPage));
        Assert.Null(DriveOptionsValidation.Problem(drive));
    }

    [Theory]
    [InlineData("", DriveTiming.None, false)]
    [InlineData(""" "profile": "qlc", "timing": "none" """, DriveTiming.None, false)]
    [InlineData(""" "profile": "qlc", "timing": "none", "mediaErrors": true """, DriveTiming.None, true)]
    [InlineData(""" "profile": "qlc", "mediaErrors": false """, DriveTiming.Model, false)]
    public void Timing_and_errors_can_be_had_apart(string keys, DriveTiming timing, bool errors)
    {
        DriveOptions drive = Drive($"{{ {keys} }}");
        Assert.Equal((timing, errors), (drive.Timing, drive.HasMediaErrors));
    }

    [Fact]
    public void What_the_file_says_of_the_flash_wins_over_the_profile()
    {
        DriveOptions drive = Drive(
            """{ "size": "4GiB", "profile": "qlc", "flash": { "overProvisioning": 50, "channels": 2 } }""");

        Assert.Equal(50, drive.OverProvisioningPercent);
        Assert.Equal((2, 4), (drive.Geometry!.Channels, drive.Geometry.MapPagesPerFlashPage));
        Assert.Null(DriveOptionsValidation.Problem(drive));
    }

    [Fact]
    public void A_profile_gives_the_cache_what_the_file_does_not_say()
    {
        CacheOptions cache = Drive("""{ "size": "4GiB", "profile": "tlc-datacentre", "cache": { "size": "8MiB" } }""").Cache;
        Assert.Equal((8L << 20, false, true), (cache.SizeBytes, cache.IsVolatile, cache.Prefetch));
        Assert.Equal((200, 10_000_000_000), (cache.AccessTime.Nanoseconds, cache.DramBytesPerSecond));
    }

    [Theory]
    [InlineData("""{ "profile": "mqsim-default" }""", 2L << 20, MappingCacheUnit.Entry)]
    [InlineData("""{ "profile": "mqsim-default", "ftl": { "mappingCache": 0 } }""", 0, MappingCacheUnit.Entry)]
    [InlineData("""{ "ftl": { "mappingCache": "1MiB", "mappingCacheUnit": "entry" } }""", 1L << 20, MappingCacheUnit.Entry)]
    [InlineData("""{ "profile": "qlc" }""", 0, MappingCacheUnit.Page)]
    public void The_mapping_cache_is_the_profiles_unless_the_file_says_otherwise(
        string drive, long bytes, MappingCacheUnit unit)
    {
        FtlOptions ftl = Drive(drive).Ftl;
        Assert.Equal((bytes, unit), (ftl.MappingCacheBytes, ftl.MappingCacheUnit));
    }

    [Fact]
    public void Without_timing_dram_takes_none_either()
    {
        CacheOptions cache = Drive("""{ "size": "4GiB", "profile": "tlc-datacentre", "timing": "none" }""").Cache;
        Assert.Equal(64L << 20, cache.SizeBytes);
        Assert.Equal((0, 0), (cache.AccessTime.Nanoseconds, cache.DramBytesPerSecond));
    }

    [Fact]
    public void A_profile_can_be_a_file_and_its_mistakes_are_told_with_both_places()
    {
        string path = Path.Combine(_directory, "mine.json");
        File.WriteAllText(path, """{ "kind": "flash" }""");

        Assert.Equal(
            "config.json: drives[0].profile: mine.json: description is missing",
            Error($$"""{ "profile": "{{path}}" }"""));
    }

    [Theory]
    [InlineData("""{ "profile": "qlcc" }""", "drives[0].profile: there is no profile 'qlcc'; did you mean 'qlc'?")]
    [InlineData("""{ "profile": "no/such.json" }""", "drives[0].profile: no/such.json: no such file")]
    [InlineData("""{ "profile": 7 }""", "drives[0].profile: must be a text in quotes")]
    [InlineData("""{ "profile": "qlc", "timing": "maybe" }""", "drives[0].timing: 'maybe' is no timing; there are none and model")]
    public void A_mistake_is_told_with_its_place(string drive, string expected) =>
        Assert.Equal("config.json: " + expected, Error(drive));

    [Theory]
    [InlineData("""{ "timing": "model" }""")]
    [InlineData("""{ "mediaErrors": true }""")]
    public void Timing_and_errors_need_a_profile(string drive) => Assert.Equal(
        "timing and media errors need a profile that says what they are", DriveOptionsValidation.Problem(Drive(drive)));

    [Fact]
    public void The_profile_is_told_when_a_drive_is_served() => Assert.EndsWith(
        ", profile qlc (QLC capacity NVMe SSD) with its timing",
        DriveText.Describe(Drive("""{ "size": "4GiB", "profile": "qlc" }""")),
        StringComparison.Ordinal);

    private static DriveOptions Drive(string text) =>
        SettingsFile.Parse("config.json", $$"""{ "drives": [{{text}}] }""").Drives[0].ToOptions();

    private static string Error(string text) => Assert.Throws<UserErrorException>(() => Drive(text)).Message;
}
