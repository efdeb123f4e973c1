namespace Emulator.Host.Migrate;

/// <summary>How this process connects to either drive to move data, with the defaults of a drive that does it by itself.</summary>
internal sealed record MoverShape(int Queues, int Depth, int CommandBytes)
{
    private const int DefaultQueues = 2;
    private const int DefaultDepth = 16;
    private const int DefaultCommandBytes = 128 * 1024;

    public static MoverShape Of(MigrateOptions options) => new(
        options.Queues == 0 ? DefaultQueues : options.Queues,
        options.Depth == 0 ? DefaultDepth : options.Depth,
        options.CommandBytes == 0 ? DefaultCommandBytes : options.CommandBytes);
}
