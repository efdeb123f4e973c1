using Emulator.Migration;
using Emulator.UnitTests.Architecture;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration;

/// <summary>
/// Containers of version 1 with one section each, as they were written when the version was made. A change that these
/// tests notice needs another version. EMULATOR_WRITE_GOLDEN=1 writes the files into the source tree, for that one.
/// </summary>
public sealed class GoldenStateTests
{
    public static TheoryData<StateSectionType> Sections =>
        [StateSectionType.Transport, StateSectionType.Interface, StateSectionType.IoActivity, StateSectionType.Translation];

    [Theory]
    [MemberData(nameof(Sections))]
    public void A_section_is_written_as_version_1_is(StateSectionType section)
    {
        byte[] written = Write(section);
        if (Environment.GetEnvironmentVariable("EMULATOR_WRITE_GOLDEN") == "1")
            File.WriteAllBytes(Path.Combine(SourceTree.Root, "tests", "unit", "Migration", "Golden", NameOf(section)), written);
        Assert.Equal(Convert.ToHexString(Load(section)), Convert.ToHexString(written));
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void A_section_of_version_1_is_read(StateSectionType section)
    {
        StateContainer? container = StateContainer.Read(Load(section), out string problem);
        Assert.True(container != null, problem);
        Assert.Equal(section.ToFlag(), container.Sections);
        Assert.Equal(0x0000_0001_0000_0002ul, (ulong)container.Header.Generation);
        int types = section switch
        {
            StateSectionType.Transport => Enum.GetValues<TransportAttribute>().Length,
            StateSectionType.Interface => Enum.GetValues<InterfaceAttribute>().Length,
            StateSectionType.IoActivity => Enum.GetValues<ActivityAttribute>().Length,
            _ => Enum.GetValues<TranslationAttribute>().Length,
        };
        Assert.Equal(types, container.Attributes.Keys.Select(id => id.Type).Distinct().Count());
    }

    private static string NameOf(StateSectionType section) => $"state-{section.ToString().ToLowerInvariant()}-v1.bin";

    private static byte[] Load(StateSectionType section) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", NameOf(section)));

    /// <summary>Every attribute that there is, with values that tell the bytes apart.</summary>
    private static byte[] Write(StateSectionType section)
    {
        var writer = new StateWriter();
        writer.Begin(null, null);
        writer.BeginSection(section);
        byte next = 1;
        switch (section)
        {
            case StateSectionType.Transport:
                writer.Attribute((ushort)TransportAttribute.Limits, 0, Bytes(TransportLimits.Size));
                writer.Attribute((ushort)TransportAttribute.Queue, 1, Bytes(TransportQueueState.Size));
                break;
            case StateSectionType.Interface:
                WriteInterface(writer, Bytes);
                break;
            case StateSectionType.IoActivity:
                writer.Attribute((ushort)ActivityAttribute.Activity, 0, Bytes(ActivityState.Size));
                WriteSet(writer, (ushort)ActivityAttribute.Written);
                break;
            default:
                writer.Attribute((ushort)TranslationAttribute.CacheSettings, 0, Bytes(CacheSettingsState.Size));
                WriteSet(writer, (ushort)TranslationAttribute.Allocated);
                WriteSet(writer, (ushort)TranslationAttribute.Cached);
                WriteSet(writer, (ushort)TranslationAttribute.Marked);
                writer.Attribute((ushort)TranslationAttribute.Heat, StateAttributeId.KeyOf(1, 0), Bytes(5));
                writer.Attribute((ushort)TranslationAttribute.Placement, StateAttributeId.KeyOf(1, 2), Bytes(PlacementRun.Size));
                break;
        }

        writer.EndSection();
        writer.Finish(0x0000_0001_0000_0002, 0x0304, Bytes(16));
        return writer.Page.ToArray();

        byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++)
                bytes[i] = next++;
            return bytes;
        }
    }

    private static void WriteInterface(StateWriter writer, Func<int, byte[]> bytes)
    {
        writer.Attribute((ushort)InterfaceAttribute.Registers, 0, bytes(ControllerRegisters.Size));
        writer.Attribute((ushort)InterfaceAttribute.HostNqn, 0, "nqn.host"u8);
        writer.Attribute((ushort)InterfaceAttribute.SubsystemNqn, 0, "nqn.subsystem"u8);
        writer.Attribute((ushort)InterfaceAttribute.Feature, StateAttributeId.KeyOf(0, 0x104), bytes(FeatureValue.Size));
        writer.Attribute((ushort)InterfaceAttribute.FeatureData, 0x0E, bytes(Timestamp.Size));
        writer.Attribute((ushort)InterfaceAttribute.Namespace, 1, bytes(NamespaceState.Size));
        writer.Attribute(
            (ushort)InterfaceAttribute.Reservation, 1, bytes(ReservationState.Size + ReservationRegistrant.Size));
        writer.Attribute((ushort)InterfaceAttribute.Streams, 1, bytes(StreamsState.Size + 2));
        writer.Attribute((ushort)InterfaceAttribute.HealthCounters, 0, bytes(HealthCounters.Size));
        writer.Attribute((ushort)InterfaceAttribute.ErrorLog, 0, bytes(ErrorInformationEntry.Size));
        writer.Attribute((ushort)InterfaceAttribute.ChangedNamespaces, 0, bytes(4));
        writer.Attribute((ushort)InterfaceAttribute.ReservationNotifications, 0, bytes(ReservationNotification.Size));
        writer.Attribute((ushort)InterfaceAttribute.WaitingEvents, 0, bytes(8));
    }

    /// <summary>Runs in part 0, a bitmap in part 2.</summary>
    private static void WriteSet(StateWriter writer, ushort type)
    {
        var set = new StateSetWriter(writer);
        set.Begin(type, 7);
        set.Add(3, 2);
        set.Add(1000, 5000);
        for (ulong unit = 0; unit < 24; unit += 2)
            set.Add((2 * StateSetWriter.PartUnits) + unit, 1);
        set.End();
    }
}
