using System.Reflection;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Statuses by the name of their field, so that rows of a theory can hold them.</summary>
public static class Statuses
{
    public static Status Named(string name) =>
        (Status)(typeof(Status).GetField(name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null)
            ?? throw new ArgumentException($"there is no status {name}"));
}
