using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Model;
using Sentinel.Server.Api;
using Sentinel.Siem.Search;

namespace Sentinel.Cli.Commands;

/// <summary>Stored events, by the language's own conditions.</summary>
static class SearchCommand
{
    const int EventsDefault = 100;

    public static Command Build()
    {
        var query = new Argument<string>("QUERY")
        {
            Description = "As behind 'where' in a policy; empty for every event.",
        };
        var from = CommandResults.From();
        var to = CommandResults.To();
        var limit = new Option<int>("--limit")
        {
            Description = "How many of the latest to show.",
            DefaultValueFactory = _ => EventsDefault,
        };
        var json = CommandResults.Json();
        var command = new Command("search", "Find stored events.") { query, from, to, limit, json };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var text = parsed.GetValue(query)!;
                var outcome = await session
                    .Use<SearchEvents>()
                    .RunAsync(
                        session.Secret,
                        text,
                        parsed.GetValue(from),
                        parsed.GetValue(to),
                        parsed.GetValue(limit),
                        cancellation
                    );
                return Say(parsed, outcome, text, parsed.GetValue(json));
            }
        );
        return command;
    }

    static int Say(ParseResult parsed, SearchOutcome outcome, string query, bool json)
    {
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        switch (outcome)
        {
            case SearchOutcome.EventsFound listed:
                foreach (var found in listed.Events)
                    if (json)
                        output.WriteJson(FoundEventShape.Of(found));
                    else
                        output.WriteLine(Line(found));
                if (json)
                    output.WriteJson(
                        new
                        {
                            Kind = "summary",
                            Events = listed.Events.Count,
                            listed.Scanned,
                            listed.More,
                        }
                    );
                else
                    output.WriteLine(
                        $"{listed.Events.Count} of {listed.Scanned} events"
                            + (listed.More ? "; there are more: use --limit." : ".")
                    );
                return ExitCodes.Yes;
            case SearchOutcome.Unclear unclear:
                error.WriteDiagnostics(
                    unclear.Diagnostics,
                    [.. unclear.Diagnostics.Select(d => new PolicyText(d.Path, query)).Take(1)]
                );
                return ExitCodes.No;
            case SearchOutcome.Refused refused:
                return error.Refuse(refused.Reason);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static string Line(FoundEvent found) =>
        $"{found.Event.EventTime.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}  {found.Event.Category}."
        + $"{found.Event.Type}  {FoundEventShape.TextOf(found)}";
}
