using System.Xml.Linq;

namespace Emulator.UnitTests.Architecture;

/// <summary>The files that this test was built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Names of the projects below src.</summary>
    public static IEnumerable<string> Projects =>
        Directory.GetDirectories(Path.Combine(Root, "src")).Select(directory => Path.GetFileName(directory)).Order();

    public static XDocument ProjectFile(string project) =>
        XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));

    /// <summary>Values of Include of an item type.</summary>
    public static IEnumerable<string> Items(XDocument projectFile, string itemType) =>
        projectFile.Descendants(itemType).Select(item => (string)item.Attribute("Include")!);

    /// <summary>Every C# file, relative to the root.</summary>
    public static IEnumerable<string> SourceFiles => new[] { "src", "tests" }
        .SelectMany(part => Directory.GetFiles(Path.Combine(Root, part), "*.cs", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Root, file));

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory != null && !File.Exists(Path.Combine(directory.FullName, "Emulator.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests run outside of their repository.");
    }
}
