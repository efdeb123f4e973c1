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
/// <param name="Drive">Null for stated figures, which nothing can run on.</param>
internal sealed record PlannedMedium(string Name, MediumTraits Traits, DriveOptions? Drive)
{
    public const string StatedSsd = "ssd";
    public const string StatedHdd = "hdd";

    /// <summary>Bytes of a drive that are measured.</summary>
    private const long ProbedBytes = 320L << 20;

    private const long DriveBytes = 8L << 30;

    public static IReadOnlyList<string> Names { get; } =
        [StatedSsd, StatedHdd, .. DriveProfiles.Names.Where(name => name != DriveProfiles.Default)];

    /// <param name="where">The option or key that has the name.</param>
    /// <exception cref="UserErrorException">There is no such medium.</exception>
    public static PlannedMedium Of(string name, string where)
    {
        switch (name)
        {
            case StatedSsd:
                return new PlannedMedium(name, MediumTraits.Ssd, null);
            case StatedHdd:
                return new PlannedMedium(name, MediumTraits.Hdd, null);
            case DriveProfiles.Default:
                throw new UserErrorException($"{where}: a drive without a profile takes no time");
            default:
                DriveOptions drive = DriveProfiles.Apply(name, new DriveSettings { Size = new ByteSize(DriveBytes) }, where);
                return new PlannedMedium(name, MediumProbe.Measure(drive, IsSsd(drive), ProbedBytes), drive);
        }
    }

    /// <summary>Nothing in the drive turns.</summary>
    public static bool IsSsd(DriveOptions drive) => drive.Profile?.Disk == null;
}
