using Emulator.Core;
using Emulator.Device;
using Emulator.Host.Commands;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>A served drive, a host that changes its namespace and knows what it holds, and the program beside it.</summary>
internal sealed class SnapshotDrive : IDisposable
{
    public const int BlockBytes = 512;

    /// <summary>Not a whole number of pages, and not of MiB.</summary>
    public const int Blocks = (5 << 20) / 2 / BlockBytes + 3;

    private readonly TestTarget _target;
    private readonly HostController _host;
    private readonly HostQueue _queue;

    public SnapshotDrive(DriveOptions? options = null)
    {
        _target = new TestTarget(options ?? Options);
        _host = _target.Connect(out _queue);
        Contents = new byte[Blocks * BlockBytes];
    }

    public static DriveOptions Options => new()
    {
        CapacityBytes = 16 << 20,
        OverProvisioningPercent = 40,
        Namespaces = [new NamespaceOptions { SizeBytes = Blocks * BlockBytes, BlockBytes = BlockBytes }],
    };

    public TestTarget Target => _target;

    /// <summary>What the namespace holds, by what was done here.</summary>
    public byte[] Contents { get; }

    public HashSet<int> Unreadable { get; } = [];

    /// <summary>Runs <c>emulator snapshot</c> against the drive.</summary>
    public (int ExitCode, string Errors) Run(params string[] arguments)
    {
        using var errors = new StringWriter();
        int exitCode = EmulatorCommand.RunAsync(
            ["snapshot", .. arguments, "--target", _target.EndPoint.ToString(), "--subsystem", _target.Host.SubsystemNqn], errors).Result;
        return (exitCode, errors.ToString());
    }

    public void Succeed(params string[] arguments) => Assert.Equal((0, ""), Run(arguments));

    public void Write(int block, int count, SeededRandom random)
    {
        Span<byte> data = Contents.AsSpan(block * BlockBytes, count * BlockBytes);
        random.Fill(data);
        Execute(HostCommands.Write(1, (ulong)block, count), data);
        MarkReadable(block, count);
    }

    public void WriteZeroes(int block, int count)
    {
        SubmissionEntry entry = HostCommands.Io(IoOpcode.WriteZeroes, 1, (ulong)block, count);
        entry.Cdw12 |= NvmCommandFields.Deac;
        Execute(entry, default);
        Contents.AsSpan(block * BlockBytes, count * BlockBytes).Clear();
        MarkReadable(block, count);
    }

    public void WriteUncorrectable(int block)
    {
        Execute(HostCommands.Io(IoOpcode.WriteUncorrectable, 1, (ulong)block, 1), default);
        Unreadable.Add(block);
    }

    /// <summary>Reads all of the namespace. What cannot be read must be in one of <paramref name="unreadable"/>'s pages.</summary>
    public void AssertHolds(byte[] contents, IReadOnlySet<int> unreadable)
    {
        byte[] page = new byte[4096];
        for (int block = 0; block < Blocks; block += 8)
        {
            int count = Math.Min(8, Blocks - block);
            HostCompletion completion = _queue.Execute(HostCommands.Read(1, (ulong)block, count), page.AsSpan(0, count * BlockBytes));
            bool isUnreadable = Enumerable.Range(block, count).Any(unreadable.Contains);
            Assert.True(isUnreadable != completion.IsSuccess, $"block {block}: {completion.Status}");
            if (!isUnreadable)
                Assert.True(page.AsSpan(0, count * BlockBytes).SequenceEqual(contents.AsSpan(block * BlockBytes, count * BlockBytes)), $"block {block} differs");
        }
    }

    public void AssertHolds() => AssertHolds(Contents, Unreadable);

    public void Dispose()
    {
        _host.Dispose();
        _target.Dispose();
    }

    private void Execute(SubmissionEntry entry, Span<byte> data) => Assert.Equal(Status.Success, _queue.Execute(entry, data).Status);

    private void MarkReadable(int block, int count) => Unreadable.RemoveWhere(marked => marked >= block && marked < block + count);
}
