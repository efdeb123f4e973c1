using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Streams as nvme-cli uses them: dir-send, dir-receive, and writes with a directive.</summary>
public sealed partial class DirectiveTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    private const string Streams = "--dir-type 1";

    [Fact]
    public void Streams_are_enabled_written_to_seen_and_released()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        Guest.Check("head -c 8192 /dev/urandom > /run/blocks");

        Assert.Equal(["supported", "disabled"], StreamDirective());
        EnableStreams(1);
        Assert.Equal(["supported", "enabled"], StreamDirective());

        foreach (int stream in new[] { 12, 3 })
            Guest.Check($"nvme write {Disk} -s {stream} -c 1 -z 8192 -d /run/blocks {Streams} --dir-spec {stream}");
        Guest.Check($"nvme read {Disk} -s 12 -c 1 -z 8192 -d /run/read && cmp /run/blocks /run/read");

        Assert.Equal([3, 12], OpenStreams());
        Guest.Check($"nvme dir-send {Controller} -n 1 {Streams} --dir-oper 1 --dir-spec 12");
        Assert.Equal([3], OpenStreams());
    }

    [Fact]
    public void Streams_are_allocated_and_given_back()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        EnableStreams(1);
        (ushort limit, ushort available, ushort allocated) = Parameters();
        Assert.Equal((limit, 0), (available, allocated));

        Guest.Check($"nvme dir-receive {Controller} -n 1 {Streams} --dir-oper 3 --req-resource 2");
        Assert.Equal((limit, (ushort)(limit - 2), (ushort)2), Parameters());
        Guest.Check($"nvme dir-send {Controller} -n 1 {Streams} --dir-oper 2");
        Assert.Equal((limit, limit, (ushort)0), Parameters());
    }

    [Fact]
    public void Without_being_enabled_streams_are_refused()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        EnableStreams(1);
        EnableStreams(0);

        GuestResult refused = Guest.Run($"nvme dir-receive {Controller} -n 1 {Streams} --dir-oper 2 -l 128 -b");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Invalid Field", refused.Error, StringComparison.OrdinalIgnoreCase);
    }

    private void EnableStreams(int enable) =>
        Guest.Check($"nvme dir-send {Controller} -n 1 --dir-type 0 --dir-oper 1 --target-dir 1 --endir {enable}");

    /// <summary>
    /// Whether streams are supported and whether they are enabled, in nvme-cli's words. A third line tells whether that
    /// lasts through a reset.
    /// </summary>
    private string[] StreamDirective()
    {
        string answer = Guest.Check($"nvme dir-receive {Controller} -n 1 --dir-type 0 --dir-oper 1 -H");
        return [.. StreamLine().Matches(answer).Take(2).Select(match => match.Groups[1].Value.ToLowerInvariant())];
    }

    /// <summary>Identifiers of Get Status: a count, then as many of 16 bits.</summary>
    private ushort[] OpenStreams()
    {
        byte[] status = Guest.CheckBytes($"nvme dir-receive {Controller} -n 1 {Streams} --dir-oper 2 -l 128 -b");
        return [.. Enumerable.Range(1, BinaryPrimitives.ReadUInt16LittleEndian(status)).Select(i => Word(status, 2 * i))];
    }

    /// <summary>MSL, NSSA and NSA of Return Parameters.</summary>
    private (ushort Limit, ushort Available, ushort Allocated) Parameters()
    {
        byte[] parameters = Guest.CheckBytes($"nvme dir-receive {Controller} -n 1 {Streams} --dir-oper 1 -l 32 -b");
        return (Word(parameters, 0), Word(parameters, 2), Word(parameters, 22));
    }

    private static ushort Word(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));

    [GeneratedRegex(@"Stream Directive\s*:\s*(\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex StreamLine();
}
