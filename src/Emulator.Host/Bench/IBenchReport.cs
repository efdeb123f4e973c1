using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>What was measured: printed for people, and written to a file as JSON.</summary>
internal interface IBenchReport
{
    void Print(IAnsiConsole console);
}
