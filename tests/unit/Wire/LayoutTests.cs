using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

/// <summary>Holds every structure against <see cref="LayoutRows"/>, and that table against the assembly.</summary>
public sealed class LayoutTests
{
    // Values that code passes around and no wire carries; they have no layout to hold.
    private static readonly Type[] Values =
    [
        typeof(Status), typeof(ControllerCapabilities), typeof(ControllerConfiguration), typeof(ControllerStatus),
        typeof(ControllerReadyTimeouts), typeof(AsyncEventResult),
    ];

    private static readonly Type[] Integers = [typeof(U16Le), typeof(U32Le), typeof(U64Le), typeof(U128Le)];

    private static IEnumerable<Type> PublicStructs => typeof(WireStruct).Assembly.GetExportedTypes()
        .Where(type => type.IsValueType && !type.IsEnum);

    public static TheoryData<LayoutRow> Rows => [.. LayoutRows.All];

    public static TheoryData<string> InlineArrays =>
        [.. PublicStructs.Where(IsInlineArray).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Structure_has_the_size_and_the_fields_of_the_specification(LayoutRow row)
    {
        Assert.Equal(row.Size, SizeOf(row.Structure));
        Assert.Equal(row.Size, DeclaredSize(row.Structure));

        var offsets = Fields(row.Structure).ToDictionary(field => field.Name, field => Extent(field).Offset);
        Assert.Equal(row.Offsets.OrderBy(pair => pair.Value), offsets.OrderBy(pair => pair.Value));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Fields_cover_every_byte_of_the_structure_once(LayoutRow row)
    {
        int next = 0;
        foreach ((int offset, int length) in Fields(row.Structure).Select(Extent).OrderBy(extent => extent.Offset))
        {
            Assert.Equal(next, offset);
            next = offset + length;
        }

        Assert.Equal(row.Size, next);
    }

    [Theory]
    [MemberData(nameof(InlineArrays))]
    public void Array_of_fixed_length_is_as_long_as_it_says(string name)
    {
        Type type = PublicStructs.Single(candidate => candidate.Name == name);

        Assert.Equal(DeclaredSize(type), SizeOf(type));
        if (name.StartsWith("Bytes", StringComparison.Ordinal))
            Assert.Equal($"Bytes{SizeOf(type)}", name);
    }

    [Fact]
    public void Integers_are_as_long_as_they_say()
    {
        Assert.Equal([2, 4, 8, 16], Integers.Select(SizeOf));
        Assert.Equal([2, 4, 8, 16], Integers.Select(DeclaredSize));
    }

    [Fact]
    public void Every_public_structure_is_checked_by_one_of_these_tests()
    {
        var expected = LayoutRows.All.Select(row => row.Structure)
            .Concat(Values)
            .Concat(Integers)
            .Concat(PublicStructs.Where(IsInlineArray));

        Assert.Equal(
            expected.Select(type => type.Name).Order(StringComparer.Ordinal),
            PublicStructs.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_field_holds_a_number_in_the_byte_order_of_the_machine()
    {
        Type[] native = [typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong)];

        var offenders = LayoutRows.All
            .SelectMany(row => Fields(row.Structure))
            .Where(field => native.Contains(field.FieldType)
                || (field.FieldType.IsEnum && SizeOf(field.FieldType) != 1));

        Assert.Empty(offenders.Select(field => $"{field.DeclaringType!.Name}.{field.Name}"));
    }

    private static bool IsInlineArray(Type type) => type.GetCustomAttribute<InlineArrayAttribute>() is not null;

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static int DeclaredSize(Type type) => (int)type.GetField("Size")!.GetRawConstantValue()!;

    private static int SizeOf(Type type) => (int)Generic(nameof(SizeOfValue), type).Invoke(null, null)!;

    /// <summary>Where a field really lies: sets it to ones among zeroes and looks which bytes changed.</summary>
    private static (int Offset, int Length) Extent(FieldInfo field)
    {
        object ones = Generic(nameof(AllOnes), field.FieldType).Invoke(null, null)!;
        object structure = Activator.CreateInstance(field.DeclaringType!)!;
        field.SetValue(structure, ones);

        var bytes = (byte[])Generic(nameof(BytesOf), field.DeclaringType!).Invoke(null, [structure])!;
        int offset = Array.FindIndex(bytes, value => value != 0);
        int end = Array.FindLastIndex(bytes, value => value != 0) + 1;
        Assert.All(bytes[offset..end], value => Assert.Equal(0xFF, value));
        return (offset, end - offset);
    }

    private static MethodInfo Generic(string method, Type type) =>
        typeof(LayoutTests).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type);

    private static int SizeOfValue<T>() => Unsafe.SizeOf<T>();

    private static object AllOnes<T>()
        where T : unmanaged
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill(0xFF);
        return value;
    }

    private static byte[] BytesOf<T>(object boxed)
        where T : unmanaged
    {
        T value = (T)boxed;
        return MemoryMarshal.AsBytes(new Span<T>(ref value)).ToArray();
    }
}
