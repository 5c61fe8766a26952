using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sentinel.Psa.Audit;
using Sentinel.Server;

namespace Sentinel.Cli.Output;

/// <summary>How a command says its result: JSON for programs, lines for people.</summary>
static class CommandResults
{
    static readonly JsonSerializerOptions shape = Shape();

    public static Option<bool> Json() =>
        new("--json") { Description = "One JSON object a line, complete and for programs." };

    public static Argument<Guid> Id(string description) =>
        new("ID")
        {
            Description = description,
            CustomParser = given =>
            {
                if (Guid.TryParse(given.Tokens[0].Value, out var id))
                    return id;
                given.AddError(
                    $"'{given.Tokens[0].Value}' is not an id: it looks like {Guid.Empty}"
                );
                return default;
            },
        };

    public static Option<DateTimeOffset?> From() =>
        Time("--from", "The first time that counts, such as 2026-11-23T06:00Z.");

    public static Option<DateTimeOffset?> To() =>
        Time("--to", "The first time that counts no more.");

    static Option<DateTimeOffset?> Time(string name, string description) =>
        new(name)
        {
            Description = description,
            CustomParser = given =>
            {
                if (
                    DateTimeOffset.TryParse(
                        given.Tokens[0].Value,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeUniversal,
                        out var time
                    )
                )
                    return time;
                given.AddError($"'{given.Tokens[0].Value}' is not a time for {name}");
                return null;
            },
        };

    public static void WriteJson<T>(this TextWriter output, T value) =>
        output.WriteLine(JsonSerializer.Serialize(value, shape));

    /// <summary>A refusal is an answer: its sentence goes to standard error, the exit code is 1.</summary>
    public static int Refuse(this TextWriter error, string reason)
    {
        // A refusal may quote what people wrote.
        var text = CaseText.Printable(reason.ReplaceLineEndings(" ").Trim());
        // A sentence may begin with the path that was given, which is spelt as it was given.
        var sentence = Path.Exists(text.Split(' ')[0])
            ? text
            : char.ToUpperInvariant(text[0]) + text[1..];
        error.WriteLine(sentence is [.., '.' or '?' or '!'] ? sentence : sentence + ".");
        return ExitCodes.No;
    }

    public static int Say<T>(this ParseResult parsed, Outcome<T> outcome, Func<T, int> done) =>
        outcome.Match(
            done,
            missing => parsed.InvocationConfiguration.Error.Refuse($"there is no {missing}"),
            refusal => parsed.InvocationConfiguration.Error.Refuse(refusal.ToString())
        );

    static JsonSerializerOptions Shape()
    {
        var options = new JsonSerializerOptions();
        SentinelServer.Shape(options);
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
