using System.Globalization;
using System.Text.Json;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Migration;
using Spectre.Console;

namespace Emulator.Host.Planning;

/// <summary>Finds out what is to be migrated, predicts every scheme, and says which to take and why.</summary>
internal sealed class PlanProcess(PlanOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options is wrong; the message says what.</exception>
    public int Run()
    {
        OutputFile? json = options.JsonFile == null ? null : new OutputFile("--json", options.JsonFile, options.Force);
        json?.Check();
        IReadOnlyList<SchemeKind> allowed = Allowed();
        bool isAsking = !options.TakesDefaults && !Console.IsInputRedirected;
        var questions = new Questions(AnsiConsole.Console, isAsking);
        PlannedMedium source = AskMedium(questions, "--source", "source", options.Source, options.SourceKind, PlannedMedium.StatedSsd);
        PlannedMedium destination = AskMedium(
            questions, "--destination", "destination", options.Destination, options.DestinationKind, PlannedMedium.StatedHdd);
        MigrationTask task = TaskOf(questions, source, destination);
        double gamma = GammaOf(questions);
        if (task.Problem() is { } problem)
            throw new UserErrorException(problem);
        if (questions.Assumed.Count > 0)
            Console.Error.WriteLine($"emulator: nothing is asked, and assumed: {string.Join(' ', questions.Assumed)}");
        MigrationOutlook outlook = MigrationEstimator.Predict(task);
        SchemeChoice choice = PlanChoice.Of(
            options.By, task, outlook, gamma, allowed, options.FirstCutOff, options.SecondCutOff);
        PlanTable.Print(AnsiConsole.Console, source, destination, task, outlook, gamma, choice);
        json?.Write(JsonSerializer.Serialize(new PlanDocument(source, destination, task, outlook, gamma, choice), Json) + "\n");
        return ExitCode.Success;
    }

    private IReadOnlyList<SchemeKind> Allowed()
    {
        if (options.By is not (PlanChoice.ByCost or PlanChoice.ByCutOffs))
            throw new UserErrorException($"--by: '{options.By}' must be {PlanChoice.ByCost} or {PlanChoice.ByCutOffs}");
        foreach ((string name, double? share) in new[]
        {
            ("--gamma", options.Gamma), ("--cut-off-1", options.FirstCutOff), ("--cut-off-2", options.SecondCutOff),
        })
        {
            if (share is { } value && !(value >= 0 && value <= 1))
                throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"{name}: {value} must be 0 to 1"));
        }

        try
        {
            return PlanChoice.ParseSchemes(options.Schemes);
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"--schemes: {e.Message}");
        }
    }

    private static PlannedMedium AskMedium(
        Questions questions, string option, string side, string? given, string? givenKind, string otherwise)
    {
        if (givenKind is not (null or PlannedMedium.StatedSsd or PlannedMedium.StatedHdd))
            throw new UserErrorException($"{option}-kind: '{givenKind}' must be ssd or hdd");
        bool? isSsd = givenKind == null ? null : givenKind == PlannedMedium.StatedSsd;
        if (given != null)
            return PlannedMedium.Of(given, option, isSsd);
        string kind = questions.Ask(
            option, $"Is the {side} an SSD or an HDD?", givenKind, otherwise, [PlannedMedium.StatedSsd, PlannedMedium.StatedHdd]);
        string[] models = [.. PlannedMedium.Names.Where(name => MayBe(name, kind))];
        string model = questions.Assumed.Count > 0
            ? kind
            : questions.Ask(option, $"Which {side} is it? ({string.Join(", ", models)})", null, kind, models);
        return PlannedMedium.Of(model, option, kind == PlannedMedium.StatedSsd);
    }

    private static bool MayBe(string name, string kind)
    {
        if (name is PlannedMedium.StatedSsd or PlannedMedium.StatedHdd)
            return name == kind;
        bool? isSsd = PlannedMedium.KindOf(DriveProfiles.Apply(name, new DriveSettings { Size = new ByteSize(1L << 30) }));
        return isSsd == null || isSsd == (kind == PlannedMedium.StatedSsd);
    }

    private MigrationTask TaskOf(Questions questions, PlannedMedium source, PlannedMedium destination)
    {
        ByteSize image = questions.Ask("--image", "How big is the virtual disk image?", options.Image, "20GiB", ByteSize.Parse);
        if (options.Room is { } room && image.Bytes > room.Bytes)
            throw new UserErrorException($"--image: {image} does not fit into the {room} of the destination");
        double iops = questions.Ask(
            "--iops", "Requests a second of the VM? (0: as many as the source can do)", options.Iops, "0",
            text => (double)Questions.ParseNumber(text, 0, 100_000_000));
        return new MigrationTask
        {
            Source = With(source.Traits, options.SourceFigures),
            Destination = With(destination.Traits, options.DestinationFigures),
            ImageBytes = image.Bytes,
            Workload = new WorkloadTraits
            {
                ReadShare = Percent(questions, "--read", "How many of its requests are reads, in percent?", options.ReadPercent, "70", 0) / 100.0,
                RequestBytes = questions.Ask(
                    "--request-size", "How large is a request, in the mean?", options.RequestSize, "8KiB", ByteSize.Parse).Bytes,
                Outstanding = questions.Ask(
                    "--outstanding", "How many requests are outstanding?", options.Outstanding, "4", text => Questions.ParseNumber(text, 1, 65_536)),
                IopsAtSource = iops == 0 ? null : iops,
                WorkingSetShare = Percent(
                    questions, "--working-set", "How much of the image does it use, in percent?", options.WorkingSetPercent, "20", 1) / 100.0,
                SequentialShare = options.SequentialPercent / 100.0,
                Skew = options.Skew,
                WrittenShare = options.WrittenPercent / 100.0,
            },
        };
    }

    private static int Percent(Questions questions, string option, string question, int? given, string otherwise, int least) =>
        questions.Ask(option, question, given, otherwise, text => Questions.ParseNumber(text, least, 100));

    /// <summary>What matters more: both alike are a gamma of a half.</summary>
    private double GammaOf(Questions questions)
    {
        if (options.Gamma is { } gamma)
            return gamma;
        int time = questions.Ask(
            "--time-matters", "How important is keeping the time of the transfer and the VM's delay low? (0 to 10)",
            options.TimeMatters, "5", text => Questions.ParseNumber(text, 0, 10));
        int lifetime = questions.Ask(
            "--lifetime-matters", "How important is the lifetime of the SSD? (0 to 10)",
            options.LifetimeMatters, "5", text => Questions.ParseNumber(text, 0, 10));
        InRange("--time-matters", time, 10);
        InRange("--lifetime-matters", lifetime, 10);
        return time + lifetime == 0 ? 0.5 : lifetime / (double)(time + lifetime);
    }

    private static void InRange(string option, int value, int most)
    {
        if (value < 0 || value > most)
            throw new UserErrorException($"{option}: {value} must be 0 to {most}");
    }

    private static MediumTraits With(MediumTraits traits, MediumFigures figures) => traits with
    {
        ReadBytesPerSecond = figures.ReadBandwidth?.Bytes ?? traits.ReadBytesPerSecond,
        WriteBytesPerSecond = figures.WriteBandwidth?.Bytes ?? traits.WriteBytesPerSecond,
        ReadIops = figures.ReadIops ?? traits.ReadIops,
        WriteIops = figures.WriteIops ?? traits.WriteIops,
    };
}
