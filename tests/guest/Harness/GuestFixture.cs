namespace Emulator.GuestTests.Harness;

/// <summary>One guest for all tests: it boots once, and a test leaves it as it found it.</summary>
public sealed class GuestFixture : IDisposable
{
    internal Guest Guest { get; } = new();

    public void Dispose() => Guest.Dispose();
}

[CollectionDefinition(Name)]
public sealed class GuestTestGroup : ICollectionFixture<GuestFixture>
{
    public const string Name = "guest";
}
