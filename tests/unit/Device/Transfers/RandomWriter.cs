using Emulator.Core;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>A VM that changes its namespaces at random: writes, zeroes, deallocations and copies of short runs.</summary>
internal sealed class RandomWriter(TestHost vm, SeededRandom random)
{
    private static readonly (uint Nsid, int BlockBytes, int Blocks)[] Namespaces = [(1, 4096, 2048), (2, 512, 4096)];

    public int Writes { get; private set; }

    public void Change()
    {
        (uint nsid, int blockBytes, int blocks) = Namespaces[random.Below(Namespaces.Length)];
        int count = 1 + random.Below(24);
        ulong start = (ulong)random.Below(blocks - count);
        Writes++;
        switch (random.Below(10))
        {
            case < 7:
                byte[] data = new byte[count * blockBytes];
                random.Fill(data);
                TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.Write, start, count, data, nsid));
                break;
            case < 9:
                TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.WriteZeroes, start, count, [], nsid));
                break;
            default:
                byte[] range = new byte[DsmRange.Size];
                WireStruct.Write(range, new DsmRange { Slba = start, Llb = (uint)count });
                TestHost.AssertStatus(Status.Success, vm.Io(IoOpcode.DatasetManagement, range, nsid, cdw11: 1 << 2));
                break;
        }
    }
}
