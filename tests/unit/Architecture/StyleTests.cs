namespace Emulator.UnitTests.Architecture;

public class StyleTests
{
    private const int LongestFile = 600;

    [Fact]
    public void No_file_is_too_long_to_be_read()
    {
        IEnumerable<string> tooLong = SourceTree.SourceFiles
            .Where(file => File.ReadLines(Path.Combine(SourceTree.Root, file)).Count() > LongestFile);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_hides_code_in_regions()
    {
        IEnumerable<string> withRegions = SourceTree.SourceFiles
            .Where(file => File.ReadLines(Path.Combine(SourceTree.Root, file))
                .Any(line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal)));

        Assert.Empty(withRegions);
    }

    [Fact]
    public void A_namespace_begins_with_the_name_of_its_project()
    {
        IEnumerable<string> elsewhere =
            from file in SourceTree.SourceFiles
            let declared = DeclaredNamespace(file)
            where declared != null && !declared.StartsWith(ProjectOf(file), StringComparison.Ordinal)
            select $"{file}: {declared}";

        Assert.Empty(elsewhere);
    }

    private static string? DeclaredNamespace(string file) => File.ReadLines(Path.Combine(SourceTree.Root, file))
        .FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))?["namespace ".Length..].TrimEnd(';');

    private static string ProjectOf(string file) => file.Split('/') switch
    {
        ["tests", "unit", ..] => "Emulator.UnitTests",
        ["tests", "conformance", ..] => "Emulator.ConformanceTests",
        ["tests", "guest", ..] => "Emulator.GuestTests",
        ["tests", "simulation", ..] => "Emulator.SimulationTests",
        [_, var project, ..] => project,
        _ => "Emulator",
    };
}
