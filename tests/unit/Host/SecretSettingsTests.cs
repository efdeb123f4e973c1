using Emulator.Host;
using Emulator.Host.Configuration;
using Emulator.Transforms;

namespace Emulator.UnitTests.Host;

public sealed class SecretSettingsTests : IDisposable
{
    private const string Secret = "sixteen bytes or more";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(Secret)]
    [InlineData(Secret + "\n")]
    [InlineData(Secret + "\r\n")]
    public void A_file_and_a_variable_hold_the_same_secret_whatever_ends_the_line(string contents)
    {
        const string variable = "EMULATOR_TEST_SECRET";
        File.WriteAllText(_file, contents);
        Environment.SetEnvironmentVariable(variable, Secret);

        using DriveSecret fromFile = new SecretSettings { File = _file }.Read();
        using DriveSecret fromVariable = new SecretSettings { Environment = variable }.Read();
        Environment.SetEnvironmentVariable(variable, null);

        Assert.Equal(Identifier(fromFile), Identifier(fromVariable));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(0)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public void A_secret_that_is_too_short_or_too_long_is_refused_and_not_shown(int length)
    {
        File.WriteAllText(_file, new string('s', length));

        string message = Assert.Throws<UserErrorException>(() => new SecretSettings { File = _file }.Read()).Message;

        Assert.StartsWith($"the secret in file '{_file}' has ", message, StringComparison.Ordinal);
        Assert.EndsWith(" bytes, must have 16 to 4096", message, StringComparison.Ordinal);
        Assert.DoesNotContain("ss", message[(message.IndexOf("' has", StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
    }

    private static UInt128 Identifier(DriveSecret secret)
    {
        using NamespaceKey key = secret.KeyOf(new byte[16], 0);
        return key.Identifier;
    }
}
