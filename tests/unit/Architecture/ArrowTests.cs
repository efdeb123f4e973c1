using System.Reflection;

namespace Emulator.UnitTests.Architecture;

/// <summary>Who may know whom: specs/architecture.md, "Arrows". A new project needs its row here.</summary>
public class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Emulator.Core"] = [],
        ["Emulator.Wire"] = ["Emulator.Core"],
        ["Emulator.Flash"] = ["Emulator.Core"],
        ["Emulator.Ftl"] = ["Emulator.Core", "Emulator.Flash"],
        ["Emulator.Cache"] = ["Emulator.Core", "Emulator.Flash", "Emulator.Ftl"],
        ["Emulator.Transforms"] = ["Emulator.Core", "Emulator.Flash", "Emulator.Ftl"],
        ["Emulator.Media"] = ["Emulator.Core", "Emulator.Flash", "Emulator.Ftl", "Emulator.Migration"],
        ["Emulator.Migration"] = ["Emulator.Core", "Emulator.Wire"],
        ["Emulator.Device"] =
        [
            "Emulator.Core", "Emulator.Wire", "Emulator.Flash", "Emulator.Ftl", "Emulator.Cache", "Emulator.Migration",
        ],
        ["Emulator.Simulation"] =
        [
            "Emulator.Core", "Emulator.Wire", "Emulator.Flash", "Emulator.Ftl", "Emulator.Migration", "Emulator.Device",
        ],
        ["Emulator.Tcp"] = ["Emulator.Core", "Emulator.Wire", "Emulator.Migration", "Emulator.Device"],
        ["Emulator.Spdk"] = ["Emulator.Core", "Emulator.Wire", "Emulator.Device"],
        ["Emulator.Host"] =
        [
            "Emulator.Core", "Emulator.Wire", "Emulator.Flash", "Emulator.Ftl", "Emulator.Cache", "Emulator.Migration",
            "Emulator.Device", "Emulator.Media", "Emulator.Simulation", "Emulator.Spdk", "Emulator.Tcp", "Emulator.Transforms",
        ],
    };

    private static readonly string[] CoreProjects =
    [
        "Emulator.Core", "Emulator.Wire", "Emulator.Flash", "Emulator.Ftl", "Emulator.Cache", "Emulator.Migration",
        "Emulator.Device",
    ];

    public static TheoryData<string> AllProjects => [.. SourceTree.Projects];

    public static TheoryData<string> AllCoreProjects => [.. CoreProjects];

    [Fact]
    public void Every_project_has_its_place() => Assert.Equal(Allowed.Keys.Order(), SourceTree.Projects);

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void A_project_refers_only_to_those_below_it(string project)
    {
        IEnumerable<string?> references = SourceTree
            .Items(SourceTree.ProjectFile(project), "ProjectReference")
            .Select(path => Path.GetFileNameWithoutExtension(path));

        Assert.Empty(references.Except(Allowed[project]));
    }

    // A reference to one project brings all below it, so what is really used shows in the assembly only.
    [Theory]
    [MemberData(nameof(AllProjects))]
    public void An_assembly_uses_only_those_that_its_project_may(string project)
    {
        Assembly assembly = Assembly.Load(project == "Emulator.Host" ? "emulator" : project);
        IEnumerable<string> used = assembly.GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("Emulator.", StringComparison.Ordinal));

        Assert.Empty(used.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(AllCoreProjects))]
    public void A_core_project_uses_the_framework_alone(string project)
    {
        Assert.Empty(SourceTree.Items(SourceTree.ProjectFile(project), "PackageReference"));
        Assert.Empty(SourceTree.Items(SourceTree.ProjectFile(project), "FrameworkReference"));
        Assert.All(
            Assembly.Load(project).GetReferencedAssemblies(),
            name => Assert.Matches(@"^(System\.|Emulator\.)", name.Name));
    }
}
