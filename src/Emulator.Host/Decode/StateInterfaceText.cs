using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Attributes of section 2, interface, in words.</summary>
internal static class StateInterfaceText
{
    public static DecodedValue Describe(InterfaceAttribute type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case InterfaceAttribute.HostNqn or InterfaceAttribute.SubsystemNqn:
                string nqn = Encoding.UTF8.GetString(value);
                return new DecodedValue(nqn, JsonValue.Create(nqn));
            case InterfaceAttribute.Registers when value.Length == ControllerRegisters.Size:
                return Describe(WireStruct.Read<ControllerRegisters>(value));
            case InterfaceAttribute.Feature when value.Length == FeatureValue.Size:
                return Describe(WireStruct.Read<FeatureValue>(value));
            case InterfaceAttribute.Namespace when value.Length == NamespaceState.Size:
                return Describe(WireStruct.Read<NamespaceState>(value));
            case InterfaceAttribute.Reservation when value.Length >= ReservationState.Size:
                return DescribeReservation(value);
            case InterfaceAttribute.Streams when value.Length >= StreamsState.Size:
                return DescribeStreams(value);
            case InterfaceAttribute.HealthCounters when value.Length == HealthCounters.Size:
                return Describe(WireStruct.Read<HealthCounters>(value));
            case InterfaceAttribute.ErrorLog:
                return Count(value.Length / ErrorInformationEntry.Size, "errors", value);
            case InterfaceAttribute.ReservationNotifications:
                return Count(value.Length / ReservationNotification.Size, "notifications", value);
            case InterfaceAttribute.ChangedNamespaces or InterfaceAttribute.WaitingEvents:
                return DescribeNumbers(value);
            default:
                return StateAttributeText.Bytes(value);
        }
    }

    private static DecodedValue Describe(in ControllerRegisters registers) => StateAttributeText.Object(
        ("cntlid", registers.Cntlid.Value),
        ("cap", $"{registers.Cap.Value:x16}"),
        ("vs", $"{registers.Vs.Value:x8}"),
        ("cc", $"{registers.Cc.Value:x8}"),
        ("csts", $"{registers.Csts.Value:x8}"),
        ("hostId", Convert.ToHexStringLower(registers.HostId)));

    private static DecodedValue Describe(in FeatureValue feature) => (feature.Flags & FeatureValue.IsSaved) != 0
        ? StateAttributeText.Object(("current", $"0x{feature.Current.Value:x}"), ("saved", $"0x{feature.Saved.Value:x}"))
        : StateAttributeText.Object(("current", $"0x{feature.Current.Value:x}"));

    private static DecodedValue Describe(in NamespaceState ns) => StateAttributeText.Object(
        ("blocks", ns.Blocks.Value),
        ("blockBytes", 1L << Math.Min(ns.BlockShift, (byte)62)),
        ("shared", (ns.Flags & 1) != 0),
        ("uuid", new Guid(ns.Uuid, bigEndian: true).ToString()),
        ("nguid", Convert.ToHexStringLower(ns.Nguid)),
        ("eui64", Convert.ToHexStringLower(ns.Eui64)));

    private static DecodedValue DescribeReservation(ReadOnlySpan<byte> value)
    {
        ReservationState state = WireStruct.Read<ReservationState>(value[..ReservationState.Size]);
        return StateAttributeText.Object(
            ("generation", state.Generation.Value),
            ("type", state.Type == 0 ? "none" : $"{(ReservationType)state.Type}"),
            ("registrants", state.Registrants.Value),
            ("persists", (state.Flags & 1) != 0),
            ("holder", Convert.ToHexStringLower(state.Holder)));
    }

    private static DecodedValue DescribeStreams(ReadOnlySpan<byte> value)
    {
        StreamsState state = WireStruct.Read<StreamsState>(value[..StreamsState.Size]);
        var open = new JsonArray();
        foreach (U16Le id in MemoryMarshal.Cast<byte, U16Le>(value[StreamsState.Size..]))
            open.Add(id.Value);
        return StateAttributeText.Object(
            ("enabled", (state.Flags & 1) != 0), ("allocated", state.Allocated.Value), ("open", open));
    }

    private static DecodedValue Describe(in HealthCounters counters) => StateAttributeText.Object(
        ("bytesRead", counters.BytesRead.Value),
        ("bytesWritten", counters.BytesWritten.Value),
        ("readCommands", counters.ReadCommands.Value),
        ("writeCommands", counters.WriteCommands.Value),
        ("mediaErrors", counters.MediaErrors.Value),
        ("errorLogEntries", counters.ErrorLogEntries.Value));

    private static DecodedValue Count(int count, string what, ReadOnlySpan<byte> value) =>
        new($"{count} {what}", JsonValue.Create(Convert.ToHexStringLower(value)));

    private static DecodedValue DescribeNumbers(ReadOnlySpan<byte> value)
    {
        if (value.Length % U32Le.Size != 0)
            return StateAttributeText.Bytes(value);
        var numbers = new JsonArray();
        foreach (U32Le number in MemoryMarshal.Cast<byte, U32Le>(value))
            numbers.Add($"0x{number.Value:x}");
        return new DecodedValue(numbers.Count == 0 ? "none" : string.Join(", ", numbers.Select(number => (string?)number)), numbers);
    }
}
