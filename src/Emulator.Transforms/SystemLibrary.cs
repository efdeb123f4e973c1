using System.Runtime.InteropServices;

namespace Emulator.Transforms;

/// <summary>A library of the system that a transform needs is not there; the message says which and how to get it.</summary>
public sealed class LibraryMissingException(string message) : Exception(message);

/// <summary>Finds out at start whether a library of the system is there, rather than at the first page.</summary>
internal static class SystemLibrary
{
    /// <param name="library">File name with its version, as the loader looks it up.</param>
    /// <param name="package">The package of Debian and its kin that has it.</param>
    /// <param name="purpose">What asks for it, as the configuration names it.</param>
    public static void Require(string library, string package, string purpose)
    {
        // What was loaded stays loaded, so that the calls which follow find it.
        if (!NativeLibrary.TryLoad(library, typeof(SystemLibrary).Assembly, null, out _))
            throw new LibraryMissingException($"{purpose} needs {library}, which is not here; install {package}");
    }
}
