using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Emulator.Host.Migrate;

/// <summary>What an orchestrator has begun; each is durable before it is.</summary>
internal enum JournalStep
{
    /// <summary>Nothing but checks. The record has everything that is needed to go on.</summary>
    Begun,

    /// <summary>The destination is told that it is one, then the source; the data is on its way.</summary>
    Bound,

    /// <summary>QEMU moves the RAM.</summary>
    Memory,

    /// <summary>
    /// The VM may be fenced and paused, and when all is there it is switched without another record: the destination knows
    /// whether it was.
    /// </summary>
    Switch,

    /// <summary>The path at the destination is open.</summary>
    Arrived,
    RollBack,
    Done,
    RolledBack,
}

/// <summary>A record of the journal, one JSON object a line.</summary>
internal sealed record JournalRecord
{
    public required JournalStep Step { get; init; }

    public required DateTime Time { get; init; }

    /// <summary>1, in the first record.</summary>
    public int? Version { get; init; }

    public MigrateOptions? Options { get; init; }

    /// <summary>Handles of the VM at the source and at the destination.</summary>
    public ushort? Vm { get; init; }

    public ushort? VmThere { get; init; }

    /// <summary>In a record that repeats the step before: how far the data is, where this process moves it.</summary>
    public MoverMark? Mark { get; init; }
}

/// <summary>
/// The state of a migration in a file, so that another process can go on with it: records are appended and synchronised. It is
/// open for one process at a time.
/// </summary>
internal sealed class MigrationJournal : IDisposable
{
    private const int Version = 1;
    private const long MostBytes = 16 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly FileStream _file;
    private readonly List<MoverMark> _marks = [];

    private MigrationJournal(FileStream file, IReadOnlyList<JournalRecord> records)
    {
        _file = file;
        First = records[0];
        Last = records[^1].Step;
        _marks.AddRange(records.Select(record => record.Mark).OfType<MoverMark>());
    }

    public string Path => _file.Name;

    public JournalRecord First { get; }

    /// <summary>What was begun last.</summary>
    public JournalStep Last { get; private set; }

    /// <summary>How far the data was when it was noted last; null if it never was.</summary>
    public MoverMark? LastMark => _marks.Count == 0 ? null : _marks[^1];

    /// <summary>Whoever has moved data: CNTLIDs at the destination.</summary>
    public IEnumerable<ushort> Writers => _marks.Select(mark => mark.Writer).Distinct();

    public bool IsOver => Last is JournalStep.Done or JournalStep.RolledBack;

    /// <summary>Below the user's state directory, one for each VM of a subsystem.</summary>
    public static string DefaultPath(string subsystem, string vm)
    {
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state))
            state = System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        string name = string.Concat($"migrate-{subsystem}-{vm}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return System.IO.Path.Combine(state, "emulator", name + ".journal");
    }

    /// <summary>Begins a journal, over one of a migration that is over.</summary>
    /// <exception cref="UserErrorException">There is one that is not over, or the file cannot be written.</exception>
    public static MigrationJournal Create(string path, MigrateOptions options, ushort vm, ushort vmThere)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            FileStream file = Open(path, FileMode.OpenOrCreate);
            try
            {
                MigrationJournal? before = file.Length == 0 ? null : Read(file) ?? throw new UserErrorException($"{path}: not the journal of a migration");
                if (before is { IsOver: false } unfinished)
                    throw new UserErrorException($"{path}: a migration is not over ({unfinished.Last}); --resume goes on with it, --roll-back takes it back");
                file.SetLength(0);
                var first = new JournalRecord
                {
                    Step = JournalStep.Begun,
                    Time = DateTime.UtcNow,
                    Version = Version,
                    Options = options,
                    Vm = vm,
                    VmThere = vmThere,
                };
                var journal = new MigrationJournal(file, [first]);
                journal.Append(first);
                return journal;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the journal cannot be written: {e.Message}");
        }
    }

    /// <summary>Opens a journal to go on with it. A last record that was cut off was not begun.</summary>
    /// <exception cref="UserErrorException">There is none, or it is none.</exception>
    public static MigrationJournal Resume(string path)
    {
        FileStream? file = null;
        try
        {
            file = Open(path, FileMode.Open);
            return Read(file) ?? throw new UserErrorException($"{path}: not the journal of a migration");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new UserErrorException(e is FileNotFoundException or DirectoryNotFoundException ? $"{path}: there is no migration to resume" : e.Message);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Notes durably what is about to begin.</summary>
    public void Begin(JournalStep step)
    {
        Append(new JournalRecord { Step = step, Time = DateTime.UtcNow });
        Last = step;
    }

    /// <summary>Notes durably how far the data is.</summary>
    public void Note(MoverMark mark)
    {
        Append(new JournalRecord { Step = Last, Time = DateTime.UtcNow, Mark = mark });
        _marks.Add(mark);
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None);

    private static MigrationJournal? Read(FileStream file)
    {
        byte[] bytes = new byte[Math.Min(file.Length, MostBytes)];
        file.ReadExactly(bytes);
        int end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        JournalRecord[] records = [.. Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<JournalRecord>()];
        if (records is not [{ Version: Version, Options: not null, Vm: not null, VmThere: not null }, ..])
            return null;
        file.SetLength(end);
        file.Position = end;
        return new MigrationJournal(file, records);
    }

    private static JournalRecord? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalRecord>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Append(JournalRecord record)
    {
        _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(record, Json) + "\n"));
        _file.Flush(flushToDisk: true);
    }
}
