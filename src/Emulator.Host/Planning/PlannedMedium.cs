using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Migration;
using Emulator.Simulation.Planning;

namespace Emulator.Host.Planning;

/// <summary>
/// A medium by its name: ssd and hdd have the stated figures of US 9,195,401, table 4; a profile is measured in virtual time.
/// </summary>
/// <param name="Name">As the user gave it.</param>
/// <param name="Drive">With a cache for small images; null for stated figures, which nothing can run on.</param>
internal sealed record PlannedMedium(string Name, MediumTraits Traits, DriveOptions? Drive)
{
    public const string StatedSsd = "ssd";
    public const string StatedHdd = "hdd";

    /// <summary>Bytes of a drive that are measured.</summary>
    private const long ProbedBytes = 320L << 20;

    private const long DriveBytes = 8L << 30;

    /// <summary>Images that are simulated are some hundred times smaller than real ones.</summary>
    private const int CacheShrinks = 64;

    public static IReadOnlyList<string> Names { get; } =
        [StatedSsd, StatedHdd, .. DriveProfiles.Names.Where(name => name != DriveProfiles.Default)];

    /// <param name="where">The option or key that has the name.</param>
    /// <param name="isSsd">What it is, where somebody said so; a profile of an array need not tell.</param>
    /// <exception cref="UserErrorException">There is no such medium, or it is something else.</exception>
    public static PlannedMedium Of(string name, string where, bool? isSsd = null)
    {
        if (name == DriveProfiles.Default)
            throw new UserErrorException($"{where}: a drive without a profile takes no time");
        bool isStated = name is StatedSsd or StatedHdd;
        DriveOptions? drive = isStated
            ? null
            : DriveProfiles.Apply(name, new DriveSettings { Size = new ByteSize(DriveBytes) }, where);
        bool? told = drive == null ? name == StatedSsd : KindOf(drive);
        if (told != null && isSsd != null && told != isSsd)
            throw new UserErrorException($"{where}: {name} is an {(told.Value ? "SSD" : "HDD")}");
        bool kind = told ?? isSsd ?? throw new UserErrorException($"{where}: the profile {name} does not tell whether it is an SSD or an HDD");
        return drive == null
            ? new PlannedMedium(name, kind ? MediumTraits.Ssd : MediumTraits.Hdd, null)
            : new PlannedMedium(name, MediumProbe.Measure(drive, kind, ProbedBytes), ShrunkDrive.Of(drive, CacheShrinks));
    }

    /// <summary>True for an SSD, false for an HDD, null for an array that does not tell.</summary>
    public static bool? KindOf(DriveOptions drive) => drive.Profile?.Wears;
}
