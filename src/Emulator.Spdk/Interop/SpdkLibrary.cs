using System.Reflection;
using System.Runtime.InteropServices;

namespace Emulator.Spdk.Interop;

/// <summary>
/// Finds and checks libemulator_spdk.so. It is looked for where the variable EMULATOR_SPDK_LIBRARY says, beside the program,
/// in the build directory of the source tree that the program lies in, and where the system looks.
/// </summary>
internal static class SpdkLibrary
{
    /// <summary>Names the file; for an installation that is nowhere else.</summary>
    public const string PathVariable = "EMULATOR_SPDK_LIBRARY";

    private const string FileName = "libemulator_spdk.so";
    private const string BuildDirectory = "artifacts/native/native";

    private static readonly Lazy<string?> LoadProblem = new(Load);

    /// <summary>What is wrong and what to do about it; null if the library is loaded and fits.</summary>
    public static string? Problem => LoadProblem.Value;

    /// <exception cref="SpdkException">The library cannot be used.</exception>
    public static void Require()
    {
        if (Problem is { } problem)
            throw new SpdkException(problem);
    }

    /// <summary>What the dynamic linker says, and what that means for the user.</summary>
    internal static string Explain(string path, string complaint)
    {
        if (complaint.Contains("libspdk_", StringComparison.Ordinal) || complaint.Contains("librte_", StringComparison.Ordinal)
            || complaint.Contains("libvfio-user", StringComparison.Ordinal))
        {
            return $"{path} was built with another version of SPDK or DPDK than the one that is installed, or the loader does not "
                + $"find it: {complaint}; build it again (cmake --build), or name the directory of SPDK in LD_LIBRARY_PATH";
        }

        return complaint.Contains("Permission denied", StringComparison.OrdinalIgnoreCase)
            ? $"{path} may not be read: {complaint}"
            : $"{path} cannot be loaded: {complaint}";
    }

    /// <summary>What versions that do not fit mean for the user; null if they do.</summary>
    internal static string? VersionProblem(uint abiVersion, string path) => abiVersion == SpdkNative.AbiVersion
        ? null
        : $"{path} has version {abiVersion} of its interface and version {SpdkNative.AbiVersion} is needed: build it again from the same sources";

    internal const string Missing =
        $"there is no {FileName}: SPDK's door has to be built where SPDK 24.09 or later is installed "
        + $"(cmake -S . -B artifacts/native && cmake --build artifacts/native); {PathVariable} can name the file";

    private static string? Load()
    {
        string? path = Candidates().FirstOrDefault(File.Exists);
        if (path == null && Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
            return $"{PathVariable} names {named}, which is not there";
        nint handle;
        try
        {
            handle = NativeLibrary.Load(path ?? FileName);
        }
        catch (DllNotFoundException e)
        {
            return path == null ? Missing : Explain(path, e.Message);
        }

        NativeLibrary.SetDllImportResolver(
            typeof(SpdkLibrary).Assembly,
            (name, _, _) => name == SpdkNative.Library ? handle : 0);
        path ??= FileName;
        if (!NativeLibrary.TryGetExport(handle, "emu_abi_version", out _))
            return $"{path} is not the shim over libspdk";
        return VersionProblem(SpdkNative.GetAbiVersion(), path)
            ?? (LayoutTable.Problem(LayoutTable.Read()) is { } different ? $"{path} does not fit: {different}" : null);
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
        {
            yield return Path.GetFullPath(named);
            yield break;
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        string? directory = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        for (; directory is { Length: > 0 }; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Emulator.sln")))
                yield return Path.Combine(directory, BuildDirectory, FileName);
        }
    }
}
