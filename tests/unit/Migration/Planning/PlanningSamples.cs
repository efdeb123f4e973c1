using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Planning;

/// <summary>Figures at random within what planning accepts.</summary>
internal static class PlanningSamples
{
    public static MigrationTask Task(SeededRandom random) => new()
    {
        Source = Medium(random),
        Destination = Medium(random),
        ImageBytes = (long)Between(random, 1 << 20, 1L << 40),
        Workload = new WorkloadTraits
        {
            ReadShare = Share(random),
            RequestBytes = Between(random, 512, 1 << 20),
            Outstanding = 1 + random.Below(64),
            ThinkSeconds = random.Chance(30) ? Between(random, 1e-6, 1) : null,
            IopsAtSource = random.Chance(30) ? Between(random, 1, 1e5) : null,
            IopsAtDestination = random.Chance(20) ? Between(random, 1, 1e5) : null,
            SequentialShare = Share(random),
            WorkingSetShare = Math.Max(0.001, Share(random)),
            WorkingSetStart = random.Chance(30) ? 0 : null,
            Skew = random.Chance(50) ? 0.99 * Share(random) : 0,
            WrittenShare = Math.Max(0.01, Share(random)),
        },
    };

    private static MediumTraits Medium(SeededRandom random) => random.Chance(50)
        ? new MediumTraits
        {
            IsSsd = true,
            HasArm = false,
            ReadBytesPerSecond = Between(random, 1e8, 7e9),
            WriteBytesPerSecond = Between(random, 1e8, 5e9),
            ReadIops = Between(random, 1e4, 1e6),
            WriteIops = Between(random, 5e3, 5e5),
            ReadSeconds = Between(random, 2e-5, 5e-4),
            WriteSeconds = Between(random, 5e-6, 2e-4),
            CacheBytes = Between(random, 1 << 20, 1L << 30),
        }
        : new MediumTraits
        {
            IsSsd = random.Chance(10),
            HasArm = random.Chance(80),
            ReadBytesPerSecond = Between(random, 5e7, 3e8),
            WriteBytesPerSecond = Between(random, 5e7, 3e8),
            ReadIops = Between(random, 60, 600),
            WriteIops = Between(random, 60, 600),
            ReadSeconds = Between(random, 3e-3, 2e-2),
            WriteSeconds = random.Chance(50) ? Between(random, 1e-5, 2e-4) : Between(random, 3e-3, 2e-2),
        };

    /// <summary>On a scale by factors.</summary>
    private static double Between(SeededRandom random, double least, double most) => least * Math.Pow(most / least, Share(random));

    private static double Share(SeededRandom random) => random.Below(1_000_001) / 1e6;
}
