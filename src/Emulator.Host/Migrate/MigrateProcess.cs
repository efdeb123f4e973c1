using System.Runtime.InteropServices;
using Emulator.Host.Simulate;
using Spectre.Console;

namespace Emulator.Host.Migrate;

/// <summary>What of a migration is not about the migration itself.</summary>
internal sealed record MigrateRequest
{
    /// <summary>Null when a journal says what is to be done.</summary>
    public MigrateOptions? Options { get; init; }

    public required string Journal { get; init; }

    public bool Resume { get; init; }

    public bool RollBack { get; init; }

    /// <summary>Also for a migration that is resumed.</summary>
    public bool ForceSwitch { get; init; }

    public string? ReportFile { get; init; }

    public string? PlotFile { get; init; }

    /// <summary>Overwrite them.</summary>
    public bool Force { get; init; }
}

/// <summary>emulator migrate: runs a migration in front of people, and writes down what came of it.</summary>
internal sealed class MigrateProcess(MigrateRequest request)
{
    private volatile bool _isInterrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something is wrong that was found before anything was changed.</exception>
    public int Run()
    {
        OutputFile? report = FileOf("--report", request.ReportFile);
        OutputFile? plot = FileOf("--plot", request.PlotFile);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        int exitCode = ExitCode.Failure;
        MigrateReport? result = null;
        if (Console.IsOutputRedirected)
            exitCode = Run(new PlainDisplay(Console.Out), ref result);
        else
            AnsiConsole.Live(new Text("")).Start(context => exitCode = Run(new LiveDisplay(context), ref result));
        if (result != null)
        {
            MigrateTable.Print(AnsiConsole.Console, result);
            report?.Write(result.ToJson());
            plot?.Write(MigratePlot.Draw(result));
        }

        if (result?.Problem is { } problem)
            Console.Error.WriteLine($"emulator: {problem}");
        return exitCode;
    }

    private int Run(IMigrateDisplay display, ref MigrateReport? report)
    {
        try
        {
            using MigrationJournal? journal = request.Resume || request.RollBack ? MigrationJournal.Resume(request.Journal) : null;
            if (journal is { IsOver: true })
                throw new UserErrorException($"{journal.Path}: the migration is over ({journal.Last})");
            MigrateOptions options = journal?.First.Options! ?? request.Options!;
            options = options with { ForceSwitch = options.ForceSwitch || request.ForceSwitch };
            using var run = new MigrationRun(options, journal != null, display, () => _isInterrupted);
            using MigrationJournal? begun = journal == null ? run.Prepare(request.Journal) : null;
            report = run.Report;
            return Run(run, journal ?? begun!);
        }
        catch (Exception e) when (e is MigrateException or QmpException)
        {
            // A migration that begins has changed nothing yet; one that goes on is where it was.
            if (!request.Resume && !request.RollBack)
                throw new UserErrorException(e.Message);
            Console.Error.WriteLine($"emulator: {e.Message}");
            return ExitCode.Unfinished;
        }
    }

    private int Run(MigrationRun run, MigrationJournal journal)
    {
        try
        {
            if (request.RollBack)
                run.TakeBack(journal);
            else
                run.Execute(journal);
            return ExitCode.Success;
        }
        catch (MigrateException e)
        {
            run.Report.Problem = e.Message;
            return e.ExitCode;
        }
    }

    private OutputFile? FileOf(string option, string? path)
    {
        OutputFile? file = path == null ? null : new OutputFile(option, path, request.Force);
        file?.Check();
        return file;
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _isInterrupted = true;
    }
}
