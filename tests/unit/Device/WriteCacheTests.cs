using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>What hosts see of the write cache: VWC, feature 06h, Flush and FUA, and what is left after a power cut.</summary>
public class WriteCacheTests
{
    private const int BlockBytes = 4096;
    private const ulong Block = 7;
    private const uint Fua = 1u << 30;
    private const uint Broadcast = uint.MaxValue;

    [Theory]
    [InlineData(CacheMode.WriteBack, true, 0b111)]
    [InlineData(CacheMode.WriteBack, false, 0b110)]
    [InlineData(CacheMode.WriteThrough, true, 0b110)]
    [InlineData(CacheMode.Off, true, 0b110)]
    public void There_is_a_volatile_write_cache_and_its_feature_only_where_acknowledged_writes_can_be_lost(
        CacheMode mode, bool isVolatile, byte vwc)
    {
        using Drive drive = Create(mode, isVolatile, out TestHost host);
        Assert.Equal(vwc, host.IdentifyController().Vwc);
        bool present = (vwc & 1) != 0;
        Status status = present ? Status.Success : Status.InvalidField;
        TestHost.AssertStatus(status, host.GetFeature(FeatureId.VolatileWriteCache));
        TestHost.AssertStatus(status, host.GetFeature(FeatureId.VolatileWriteCache, select: FeatureSelect.SupportedCapabilities));
        TestHost.AssertStatus(status, host.SetFeature(FeatureId.VolatileWriteCache, 0));
        byte[] effects = host.GetLog(LogPageId.FeatureIdentifiersSupportedAndEffects, 1024);
        Assert.Equal(present ? 1 : 0, effects[4 * (int)FeatureId.VolatileWriteCache] & 1);
    }

    [Fact]
    public void The_cache_is_on_and_what_was_saved_is_there_after_a_reset()
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost host);
        Assert.Equal(1u, host.GetFeature(FeatureId.VolatileWriteCache).Dw0);
        Assert.Equal(5u, host.GetFeature(FeatureId.VolatileWriteCache, select: FeatureSelect.SupportedCapabilities).Dw0);
        TestHost.AssertStatus(Status.InvalidField, host.SetFeature(FeatureId.VolatileWriteCache, 2));
        TestHost.AssertStatus(Status.FeatureNotNamespaceSpecific, host.SetFeature(FeatureId.VolatileWriteCache, 0, nsid: 1));

        TestHost.AssertStatus(Status.Success, host.SetFeature(FeatureId.VolatileWriteCache, 0, save: true));
        TestHost.AssertStatus(Status.Success, host.SetFeature(FeatureId.VolatileWriteCache, 1));
        host.ResetController();

        Assert.Equal(0u, host.GetFeature(FeatureId.VolatileWriteCache).Dw0);
        Assert.Equal(1u, host.GetFeature(FeatureId.VolatileWriteCache, select: FeatureSelect.Default).Dw0);
        Write(host, 1);
        Assert.Equal(1, drive.CacheCounters.WritesThrough);
    }

    public static TheoryData<string, CacheMode, bool, bool> Cases => new()
    {
        { "nothing", CacheMode.WriteBack, true, false },
        { "reset", CacheMode.WriteBack, true, false },
        { "nothing", CacheMode.WriteBack, false, true },
        { "nothing", CacheMode.WriteThrough, true, true },
        { "nothing", CacheMode.Off, true, true },
        { "flush", CacheMode.WriteBack, true, true },
        { "flush all", CacheMode.WriteBack, true, true },
        { "flush of another namespace", CacheMode.WriteBack, true, false },
        { "forced read", CacheMode.WriteBack, true, true },
        { "forced compare", CacheMode.WriteBack, true, true },
        { "forced verify", CacheMode.WriteBack, true, true },
        { "cache off", CacheMode.WriteBack, true, true },
        { "shutdown", CacheMode.WriteBack, true, true },
        { "two seconds", CacheMode.WriteBack, true, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void After_a_power_cut_a_block_is_there_if_it_had_to_be(
        string between, CacheMode mode, bool isVolatile, bool survives)
    {
        using Drive drive = Create(mode, isVolatile, out TestHost host);
        Write(host, 1);
        host.Io(IoOpcode.Flush);
        Write(host, 2);
        byte[] data = Filled(2);
        CommandOutcome outcome = between switch
        {
            "flush" => host.Io(IoOpcode.Flush),
            "flush all" => host.Io(IoOpcode.Flush, nsid: Broadcast),
            "flush of another namespace" => host.Io(IoOpcode.Flush, nsid: 2),
            "forced read" => host.Io(IoOpcode.Read, data, cdw10: (uint)Block, cdw12: Fua),
            "forced compare" => host.Io(IoOpcode.Compare, data, cdw10: (uint)Block, cdw12: Fua),
            "forced verify" => host.Io(IoOpcode.Verify, cdw10: (uint)Block, cdw12: Fua),
            "cache off" => host.SetFeature(FeatureId.VolatileWriteCache, 0),
            "shutdown" => host.SetConfiguration(new ControllerConfiguration { En = true, Shn = ShutdownNotification.Normal }),
            "two seconds" => Waited(host),
            "reset" => Reset(host),
            _ => CommandOutcome.Success(default),
        };
        TestHost.AssertStatus(Status.Success, outcome);
        Assert.Equal(2, data[^1]);

        drive.PowerCut(host.Clock.Now);

        host.ResetController();
        Assert.Equal(survives ? 2 : 1, Read(host));
    }

    [Theory]
    [InlineData(IoOpcode.Write, Fua, true)]
    [InlineData(IoOpcode.Write, 0u, false)]
    [InlineData(IoOpcode.WriteZeroes, Fua, true)]
    public void A_forced_write_is_on_the_medium(IoOpcode opcode, uint cdw12, bool survives)
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost host);
        Write(host, 1);
        host.Io(IoOpcode.Flush);
        TestHost.AssertStatus(Status.Success, host.Io(opcode, Filled(0), cdw10: (uint)Block, cdw12: cdw12));
        drive.PowerCut(host.Clock.Now);
        Assert.Equal(survives ? 0 : 1, Read(host));
    }

    [Fact]
    public void A_controller_that_turned_the_cache_off_writes_through_and_others_do_not()
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost first);
        TestHost second = TestHost.Connect(drive, first.Clock, "nqn.2026-11.io.emulator:second", hostId: 2);
        first.SetFeature(FeatureId.VolatileWriteCache, 0);
        Write(first, 3);
        second.Transfer(IoOpcode.Write, Block + 1, 1, Filled(3));
        drive.PowerCut(first.Clock.Now);
        Assert.Equal((3, 0), (Read(first), Read(first, Block + 1)));
    }

    [Fact]
    public void Blocks_that_are_in_the_cache_alone_are_allocated()
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost host);
        Write(host, 3);
        byte[] data = new byte[64];
        TestHost.AssertStatus(
            Status.Success, host.Admin(AdminOpcode.GetLbaStatus, data, nsid: 1, cdw12: 15, cdw13: 2u << 24));
        LbaStatusHeader header = WireStruct.Read<LbaStatusHeader>(data);
        LbaStatusDescriptor found = WireStruct.Read<LbaStatusDescriptor>(data.AsSpan(LbaStatusHeader.Size));
        Assert.Equal((1u, Block, 0u), ((uint)header.Nlsd, (ulong)found.Dslba, (uint)found.Nlb));
    }

    [Fact]
    public void Format_and_sanitize_leave_nothing_in_the_cache()
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost host);
        Write(host, 3);
        TestHost.AssertStatus(Status.Success, host.Admin(AdminOpcode.FormatNvm, nsid: 1));
        Assert.Equal(0, Read(host));
        Write(host, 4);
        TestHost.AssertStatus(Status.Success, host.Admin(AdminOpcode.Sanitize, cdw10: 3 | (1 << 4), cdw11: 0xABABABAB));
        host.Wait(SimDuration.FromSeconds(30));
        Assert.Equal(0, Read(host));
        Assert.True(drive.CacheCounters.WritesThrough > 0, "the pattern of an overwrite stayed in DRAM");
    }

    [Theory]
    [InlineData(1u, 4)]
    [InlineData(2u, 3)]
    [InlineData(Broadcast, 7)]
    public void A_flush_writes_back_what_is_of_its_namespace_or_everything(uint nsid, int written)
    {
        using Drive drive = Create(CacheMode.WriteBack, true, out TestHost host);
        byte[] block = new byte[BlockBytes];
        for (uint i = 0; i < 7; i++)
            TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Write, block, nsid: (i % 2) + 1, cdw10: i));

        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush, nsid: nsid));

        Assert.Equal(written, drive.CacheCounters.PagesDestaged);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush, nsid: Broadcast));
        Assert.Equal(7, drive.CacheCounters.PagesDestaged);
    }

    private static Drive Create(CacheMode mode, bool isVolatile, out TestHost host)
    {
        host = TestHost.ConnectToNewDrive(out Drive drive, TestHost.SmallDrive with
        {
            Cache = new CacheOptions { Mode = mode, IsVolatile = isVolatile },
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 1 << 20 }],
        });
        return drive;
    }

    private static CommandOutcome Waited(TestHost host)
    {
        host.Wait(SimDuration.FromMilliseconds(2100));
        return CommandOutcome.Success(default);
    }

    private static CommandOutcome Reset(TestHost host)
    {
        host.ResetController();
        return CommandOutcome.Success(default);
    }

    private static byte[] Filled(byte value)
    {
        byte[] block = new byte[BlockBytes];
        block.AsSpan().Fill(value);
        return block;
    }

    private static void Write(TestHost host, byte value) =>
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, Block, 1, Filled(value)));

    private static int Read(TestHost host, ulong block = Block)
    {
        byte[] data = new byte[BlockBytes];
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, block, 1, data));
        return data[0];
    }
}
