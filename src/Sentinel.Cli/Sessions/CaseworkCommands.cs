using System.CommandLine;
using Sentinel.Cli.Output;

namespace Sentinel.Cli.Sessions;

/// <summary>How the commands of casework are put together, so that each says only what is its own.</summary>
static class CaseworkCommands
{
    public static Command Build(
        string name,
        string description,
        IReadOnlyList<Symbol> takes,
        Func<CaseAsked, Task<int>> run
    )
    {
        var json = CommandResults.Json();
        var command = new Command(name, description) { json };
        foreach (var symbol in takes)
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                return await run(
                    new CaseAsked(parsed, session, parsed.GetValue(json), cancellation)
                );
            }
        );
        return command;
    }

    /// <summary>A command about one case, which is named first.</summary>
    public static Command OnCase(
        string name,
        string description,
        IReadOnlyList<Symbol> takes,
        Func<CaseAsked, Guid, Task<int>> run
    )
    {
        var named = Case("CASE");
        return Build(
            name,
            description,
            [named, .. takes],
            asked => asked.WithCaseAsync(asked.Get(named)!, id => run(asked, id))
        );
    }

    public static Argument<string> Case(string name) =>
        new(name) { Description = "INC-1, or its id." };

    public static Argument<string> Words(string name, string description) =>
        new(name) { Description = description };

    public static Argument<string> Person(string name) =>
        new(name) { Description = "An address, an id, or me." };

    public static Option<string> Reason() =>
        new("--reason") { Description = "Why: kept for good.", Required = true };

    public static Option<string?> Text(string name, string description) =>
        new(name) { Description = description };

    /// <summary>One of the words of an enumeration, as the API and the database say them.</summary>
    public static Argument<T> Word<T>(string name, string description)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>()
            .ToDictionary(value =>
                System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString())
            );
        return new Argument<T>(name)
        {
            // Else the help shows the words as the program spells them.
            HelpName = name,
            Description = $"{description}: {string.Join(", ", words.Keys)}.",
            CustomParser = given =>
            {
                if (words.TryGetValue(given.Tokens[0].Value.Replace('-', '_'), out var value))
                    return value;
                given.AddError(
                    $"'{given.Tokens[0].Value}' is none of {string.Join(", ", words.Keys)}"
                );
                return default;
            },
        };
    }
}
