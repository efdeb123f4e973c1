using System.CommandLine;
using Emulator.Host.Decode;
using Emulator.Wire;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>decode: prints log pages and containers of the vendor command set, as nvme get-log -b writes them.</summary>
public static class DecodeCommand
{
    private const string StandardInput = "-";

    /// <summary>More bytes than any page has.</summary>
    private const long MostBytes = 1L << 31;

    private static readonly Argument<string> Input = new("input")
    {
        Description = "file with the bytes of the page; - for the standard input",
        HelpName = "FILE",
        DefaultValueFactory = _ => StandardInput,
    };

    private static readonly Option<string?> Log = new("--log")
    {
        Description = $"which log page it is, where its header does not tell: {PageDecoders.Known}",
        HelpName = "LID",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "print JSON",
    };

    public static Command Create()
    {
        var command = new Command("decode", "Print a log page, feature data or container of the vendor command set readably.")
        {
            Input,
            Log,
            Json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(Input)!, parsed.GetValue(Log), parsed.GetValue(Json)));
        return command;
    }

    private static int Run(string input, string? log, bool json)
    {
        LogPageId? page = log == null ? null : PageDecoders.ParseLog(log);
        DecodedPage decoded = PageDecoders.Decode(Read(input), page);
        if (json)
            Console.WriteLine(decoded.ToJson());
        else
            PageTables.Print(AnsiConsole.Console, decoded);
        return ExitCode.Success;
    }

    private static byte[] Read(string input)
    {
        try
        {
            using Stream stream = input == StandardInput ? Console.OpenStandardInput() : File.OpenRead(input);
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (bytes.Length + read >= MostBytes)
                    throw new UserErrorException($"{input} is longer than any page");
                bytes.Write(buffer, 0, read);
            }

            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{input} cannot be read: {e.Message}");
        }
    }
}
