using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

public sealed class VmMigrationAllocationTests
{
    [Theory]
    [InlineData(None)]
    [InlineData(Active)]
    public void Tracked_writes_allocate_nothing(VmMigrationFlags migration)
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive disposed = drive;
        host.SetMigration(migration, threshold: 1);
        byte[] data = new byte[2 * 4096];
        WriteAll(host, data, rounds: 1);

        long before = GC.GetAllocatedBytesForCurrentThread();
        WriteAll(host, data, rounds: 10);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void WriteAll(TestHost host, byte[] data, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (ulong block = 0; block < 2046; block += 2)
            {
                host.Transfer(IoOpcode.Write, block, 2, data);
                host.Transfer(IoOpcode.WriteZeroes, block, 1, default);
            }
        }
    }
}
