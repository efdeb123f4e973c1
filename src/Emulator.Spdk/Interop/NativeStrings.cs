using System.Runtime.InteropServices;

namespace Emulator.Spdk.Interop;

/// <summary>Strings for a call, given back when it is over.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _strings = [];

    /// <returns>UTF-8 with a zero behind it; null for null.</returns>
    public byte* Add(string? text)
    {
        if (text == null)
            return null;
        nint copy = Marshal.StringToCoTaskMemUTF8(text);
        _strings.Add(copy);
        return (byte*)copy;
    }

    public void Dispose()
    {
        _strings.ForEach(Marshal.FreeCoTaskMem);
        _strings.Clear();
    }
}
