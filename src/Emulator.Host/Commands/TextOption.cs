using System.CommandLine;
using System.CommandLine.Parsing;

namespace Emulator.Host.Commands;

/// <summary>Options whose value has a parser that says what is wrong with a text.</summary>
public static class TextOption
{
    /// <param name="name">With its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="valueName">How the help calls the value.</param>
    /// <param name="parse">Throws <see cref="FormatException"/> for a text that is no value.</param>
    public static Option<T> Create<T>(string name, string description, string valueName, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = valueName,
        CustomParser = result => ParseEach(result, parse) is [var value, ..] ? value : default,
    };

    /// <summary>Every value of the option; empty, and an error noted, when one of them is wrong.</summary>
    public static T[] ParseEach<T>(ArgumentResult result, Func<string, T> parse)
    {
        try
        {
            return [.. result.Tokens.Select(token => parse(token.Value))];
        }
        catch (FormatException e)
        {
            result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: {e.Message}");
            return [];
        }
    }
}
