using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Store;
using Sentinel.Server.Api;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;

namespace Sentinel.Cli.Commands;

/// <summary>This is what we saw, this is how we reasoned, this is what we passed on.</summary>
static class ExplainCommand
{
    public static Command Build()
    {
        var what = new Argument<string>("ID")
        {
            Description =
                "Of a finding or hit; with --not an event: FILE:LINE, or the id of a stored one.",
        };
        var from = new Option<string[]>("--from")
        {
            Description = "Files in which the hit was found; then no database is asked.",
            AllowMultipleArgumentsPerToken = true,
        };
        var not = new Option<string?>("--not")
        {
            Description = "A rule: say what kept it from firing on the event.",
        };
        var policies = new Option<string[]>("--policies")
        {
            Description = "With --from or --not: replaces the shipped rules; may be given again.",
        };
        var json = CommandResults.Json();
        var command = new Command("explain", "Say why a finding exists, or why there is none.")
        {
            what,
            from,
            not,
            policies,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var (asked, asJson) = (parsed.GetValue(what)!, parsed.GetValue(json));
                var request = new DetectRequest
                {
                    Files = parsed.GetValue(from) ?? [],
                    Shipped = ShippedPolicies.Texts,
                    Policies = parsed.GetValue(policies) is { Length: > 0 } paths
                        ? PolicyFiles.Read(paths)
                        : null,
                };
                if (parsed.GetValue(not) is { } rule)
                    return Guid.TryParse(asked, out var eventId)
                        ? await NotAsync(parsed, rule, eventId, asJson, cancellation)
                        : Not(parsed, request, rule, asked, asJson);
                return request.Files.Count > 0
                    ? OverFiles(parsed, request, IdOf(asked), asJson, cancellation)
                    : await OfFindingAsync(parsed, IdOf(asked), asJson, cancellation);
            }
        );
        return command;
    }

    static Guid IdOf(string text) =>
        Guid.TryParse(text, out var id)
            ? id
            : throw new WrongUsageException(
                $"'{text}' is not an id: it looks like {Guid.Empty}; FILE:LINE goes with --not RULE."
            );

    static async Task<int> OfFindingAsync(
        ParseResult parsed,
        Guid id,
        bool json,
        CancellationToken cancellation
    )
    {
        await using var session = await CommandSession.OpenAsync(cancellation);
        var outcome = await session
            .Use<ExplainFinding>()
            .RunAsync(session.Secret, id, cancellation);
        var error = parsed.InvocationConfiguration.Error;
        return outcome switch
        {
            ExplainOutcome.Explained { Explanation: var explanation } => Explain(
                parsed.InvocationConfiguration.Output,
                explanation,
                json
            ),
            ExplainOutcome.Excepted { Hit: var hit } => Explain(
                parsed.InvocationConfiguration.Output,
                hit,
                json
            ),
            ExplainOutcome.NotFound => error.Refuse($"there is no finding {id}"),
            ExplainOutcome.Refused refused => error.Refuse(refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Of <c>detect</c>.</summary>
    public static Option<bool> EachHit() =>
        new("--explain")
        {
            Description = "Say of each hit why: its events, predicates, values and reasons.",
        };

    public static Task<int> AllAsync(
        ParseResult parsed,
        DetectRequest request,
        Option<bool> json,
        CancellationToken cancellation
    ) => Task.FromResult(OverFiles(parsed, request, null, parsed.GetValue(json), cancellation));

    /// <param name="id">Of one hit; null for all.</param>
    static int OverFiles(
        ParseResult parsed,
        DetectRequest request,
        Guid? id,
        bool json,
        CancellationToken cancellation
    ) =>
        Say(
            parsed,
            request,
            json,
            new ExplainFiles(TimeProvider.System).Hits(request, id, cancellation)
        );

    static int Not(ParseResult parsed, DetectRequest request, string rule, string place, bool json)
    {
        var colon = place.LastIndexOf(':');
        if (colon < 1 || !long.TryParse(place[(colon + 1)..], out var line))
            throw new WrongUsageException(
                $"'{place}' is not an event: name it FILE:LINE, as detect prints it, or by its id."
            );
        var explain = new ExplainFiles(TimeProvider.System);
        return Say(parsed, request, json, explain.Not(request, rule, place[..colon], line));
    }

    static int Say(
        ParseResult parsed,
        DetectRequest request,
        bool json,
        ExplainFilesOutcome outcome
    )
    {
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        switch (outcome)
        {
            case ExplainFilesOutcome.Explained explained:
                foreach (var hit in explained.Hits)
                    if (json)
                        output.WriteJson(ExplainText.Shape(hit));
                    else
                        ExplainText.Write(output, hit);
                return ExitCodes.Yes;
            case ExplainFilesOutcome.NotFired { Explanation: var not }:
                if (json)
                    output.WriteJson(ExplainText.Shape(not));
                else
                    ExplainText.Write(output, not);
                return ExitCodes.Yes;
            case ExplainFilesOutcome.BadPolicies bad:
                error.WriteDiagnostics(
                    bad.Diagnostics,
                    [.. request.Policies ?? [], .. request.Shipped]
                );
                return ExitCodes.No;
            case ExplainFilesOutcome.Refused refused:
                return error.Refuse(refused.Reason);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static async Task<int> NotAsync(
        ParseResult parsed,
        string rule,
        Guid eventId,
        bool json,
        CancellationToken cancellation
    )
    {
        await using var session = await CommandSession.OpenAsync(cancellation);
        var outcome = await session
            .Use<ExplainNotFired>()
            .RunAsync(session.Secret, rule, eventId, cancellation);
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        switch (outcome)
        {
            case NotFiredOutcome.Explained { Explanation: var not }:
                if (json)
                    output.WriteJson(ExplainText.Shape(not));
                else
                    ExplainText.Write(output, not);
                return ExitCodes.Yes;
            case NotFiredOutcome.NotFound:
                return error.Refuse($"there is no event {eventId}");
            case NotFiredOutcome.Refused refused:
                return error.Refuse(refused.Reason);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static int Explain(TextWriter output, ExceptedHit hit, bool json)
    {
        if (json)
            output.WriteJson(hit);
        else
            output.WriteLine($"It raised nothing, and is meant to be so: {FindingText.Line(hit)}");
        return ExitCodes.Yes;
    }

    static int Explain(TextWriter output, FindingExplanation explanation, bool json)
    {
        if (json)
            output.WriteJson(ExplanationShape.Of(explanation));
        else
            FindingText.Write(output, explanation);
        return ExitCodes.Yes;
    }
}
