using Emulator.Device;
using Emulator.Flash;
using Emulator.UnitTests.Core;

namespace Emulator.UnitTests.Device;

public sealed class PreallocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void A_drive_that_is_preallocated_has_the_memory_of_all_its_pages(bool isPreallocated)
    {
        var options = new DriveOptions { CapacityBytes = 64 << 20, IsPreallocated = isPreallocated };
        using var medium = new MemoryMedium(options.EffectiveGeometry());
        NativeMemoryBlockTests.GiveBack(medium.Data, medium.Geometry.Bytes);
        int all = (int)(medium.Geometry.Bytes / 4096);

        using var drive = new Drive(options, medium);

        Assert.Equal(isPreallocated, NativeMemoryBlockTests.ResidentPages(medium.Data, medium.Geometry.Bytes) == all);
    }
}
