namespace Emulator.GuestTests.Harness;

/// <summary>Where things are in the working copy that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Logs of guests and drives, kept after the run.</summary>
    public static string Logs => Directory.CreateDirectory(Path.Combine(Root, "logs", "guest")).FullName;

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Emulator.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No Emulator.sln above {AppContext.BaseDirectory}.");
    }
}
