using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Jobs;

/// <summary>
/// Reads job files of fio's kind: sections in brackets with a key and its value on each line; [global] holds for
/// the sections after it. specs/simulation.md lists the keys.
/// </summary>
public sealed class JobFile
{
    private readonly string _file;
    private readonly WorkloadTarget _target;
    private readonly List<(string Name, JobSettings Settings, int Line)> _jobs = [];
    private JobSettings _global = new();
    private JobSettings? _current;
    private string _name = "";
    private int _sectionLine;

    private JobFile(string file, WorkloadTarget target)
    {
        _file = file;
        _target = target;
    }

    /// <param name="file">What to call it in a message.</param>
    /// <param name="lines">Its contents.</param>
    /// <exception cref="WorkloadException">A line is wrong; the message names it.</exception>
    public static Workload Read(string file, IEnumerable<string> lines, WorkloadTarget target)
    {
        var reader = new JobFile(file, target);
        int number = 0;
        foreach (string line in lines)
            reader.At(++number, () => reader.Line(line.Trim(), number));
        reader.EndSection();
        return reader._jobs.Count > 0
            ? reader.ToWorkload()
            : throw new WorkloadException($"{file}: has no job; a section such as [job1] begins one");
    }

    private void At(int line, Action act)
    {
        try
        {
            act();
        }
        catch (FormatException e)
        {
            throw WorkloadException.At(_file, line, e.Message);
        }
    }

    private void Line(string line, int number)
    {
        if (line.Length == 0 || line[0] is ';' or '#')
            return;
        if (line[0] == '[')
        {
            BeginSection(line, number);
            return;
        }

        if (_current == null)
            throw new FormatException("a key before the first section; a section such as [global] begins with brackets");
        string[] parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && parts[1].Length == 0)
            throw new FormatException($"{parts[0]} has no value");
        try
        {
            _current = _current.With(parts[0], parts.Length == 2 ? parts[1] : "", _target);
        }
        catch (FormatException e) when (!e.Message.StartsWith("unknown key", StringComparison.Ordinal))
        {
            throw new FormatException($"{parts[0]}: {e.Message}");
        }
    }

    private void BeginSection(string line, int number)
    {
        if (line.Length < 3 || !line.EndsWith(']'))
            throw new FormatException($"'{line}' is not a section such as [job1]");
        EndSection();
        _name = line[1..^1];
        _sectionLine = number;
        _current = _global;
    }

    private void EndSection()
    {
        if (_current == null)
            return;
        if (_name == "global")
            _global = _current;
        else
            _jobs.Add((_name, _current, _sectionLine));
    }

    private Workload ToWorkload()
    {
        var plans = new List<JobPlan>();
        var options = new List<SyntheticOptions>();
        int stage = 0;
        for (int job = 0; job < _jobs.Count; job++)
        {
            (string name, JobSettings settings, int line) = _jobs[job];
            if (settings.WaitsForOthers && plans.Count > 0)
                stage++;
            for (int copy = 0; copy < settings.Copies; copy++)
            {
                SyntheticOptions stream = null!;
                At(line, () => stream = settings.ToOptions(_target, job, copy));
                options.Add(stream);
                plans.Add(new JobPlan
                {
                    Name = name,
                    Depth = settings.Depth,
                    Stage = stage,
                    Runtime = settings.Runtime,
                    Source = new SyntheticSource(stream),
                });
            }

            CheckRoom(plans, stage, line);
        }

        return new Workload
        {
            Name = Path.GetFileName(_file),
            Jobs = plans,
            Precondition = options.Any(stream => stream.ReadPercent > 0) ? Precondition.Sequential : Precondition.None,
            Fill = FillOf(options),
        };
    }

    private void CheckRoom(List<JobPlan> plans, int stage, int line)
    {
        long depth = plans.Where(plan => plan.Stage == stage).Sum(plan => (long)plan.Depth);
        if (depth > _target.MostOutstanding)
            throw WorkloadException.At(_file, line, $"jobs that run together have {depth} commands outstanding, more than {_target.MostOutstanding}");
        if (plans.Count > Simulator.MostJobs)
            throw WorkloadException.At(_file, line, $"there are {plans.Count} jobs, more than {Simulator.MostJobs}");
    }

    /// <summary>The range from the first byte to the last that any job touches, overwritten all over.</summary>
    private SyntheticOptions FillOf(List<SyntheticOptions> options)
    {
        long begin = options.Min(stream => stream.Offset);
        long end = options.Max(stream => stream.Offset + stream.Bytes);
        return new SyntheticOptions
        {
            ReadPercent = 0,
            WritePercent = 100,
            Offset = begin,
            Bytes = end - begin,
            Seed = _target.Seed,
            WriteSizes = SizeMix.Of((int)Math.Min(4096, end - begin)),
        };
    }
}
