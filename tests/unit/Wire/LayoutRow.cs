namespace Emulator.UnitTests.Wire;

/// <summary>What the specification says about a structure.</summary>
/// <param name="Fields">"Name offset" pairs in order, as the figure lists them. The fields leave no gap.</param>
public sealed record LayoutRow(Type Structure, int Size, string Fields)
{
    public IReadOnlyDictionary<string, int> Offsets { get; } = Fields
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(pair => pair.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() => Structure.Name;
}
