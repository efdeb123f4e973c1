using System.Text;

namespace Emulator.GuestTests.Harness;

/// <summary>How a command in the guest ended, and what it wrote.</summary>
internal sealed record GuestResult(string Command, int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>This result, if the command succeeded.</summary>
    public GuestResult Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return this;
    }

    public override string ToString() => $"`{Command}` exited with {ExitCode}\n{Output}\n{Error}";
}
