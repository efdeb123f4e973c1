using System.Globalization;
using Spectre.Console;

namespace Emulator.Host.Planning;

/// <summary>
/// Asks the operator what the command line left open; where nobody can answer, it takes the defaults and remembers for
/// what.
/// </summary>
/// <param name="isAsking">Whether there is somebody to ask.</param>
internal sealed class Questions(IAnsiConsole console, bool isAsking)
{
    private readonly List<string> _assumed = [];

    /// <summary>What was assumed without an answer, as options.</summary>
    public IReadOnlyList<string> Assumed => _assumed;

    /// <param name="option">That answers the question, too.</param>
    /// <param name="given">What the command line says.</param>
    /// <param name="parse">Throws <see cref="FormatException"/> or <see cref="UserErrorException"/> for what is no answer.</param>
    public T Ask<T>(string option, string question, T? given, string otherwise, Func<string, T> parse)
        where T : struct => given ?? Ask(option, question, otherwise, parse);

    public string Ask(string option, string question, string? given, string otherwise, IReadOnlyList<string> choices)
    {
        if (given != null)
            return given;
        return Ask(option, question, otherwise, text => choices.Contains(text)
            ? text
            : throw new FormatException($"one of {string.Join(", ", choices)}, please"));
    }

    public static int ParseNumber(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}, please"));

    private T Ask<T>(string option, string question, string otherwise, Func<string, T> parse)
    {
        if (!isAsking)
        {
            _assumed.Add($"{option} {otherwise}");
            return parse(otherwise);
        }

        string answer = console.Prompt(new TextPrompt<string>(question)
            .DefaultValue(otherwise)
            .Validate(text => Problem(text, parse) is { } problem ? ValidationResult.Error(Markup.Escape(problem)) : ValidationResult.Success()));
        return parse(answer);
    }

    private static string? Problem<T>(string text, Func<string, T> parse)
    {
        try
        {
            parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
