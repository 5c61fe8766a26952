using Sentinel.Psa.Cases;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;

namespace Sentinel.Server.Api;

/// <summary>What detection found, why, and the one thing that a person can do about it here.</summary>
static class FindingEndpoints
{
    public const int PageMax = 200;

    public static void MapFindings(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/findings",
            async (
                QueryWord<FindingState>? state,
                PresentedCredential by,
                ListFindings list,
                CancellationToken c
            ) => (await list.RunAsync(by.Secret, state?.Value, PageMax, c)).ToHttp()
        );
        app.MapGet(
            "/findings/{id:guid}",
            async (Guid id, PresentedCredential by, ExplainFinding explain, CancellationToken c) =>
                (await explain.RunAsync(by.Secret, id, c)).ToHttp(why => why.Finding)
        );
        app.MapGet(
            "/findings/{id:guid}/explanation",
            async (Guid id, PresentedCredential by, ExplainFinding explain, CancellationToken c) =>
                (await explain.RunAsync(by.Secret, id, c)).ToHttp(ExplanationShape.Of)
        );
        app.MapPost(
            "/findings/{id:guid}/escalation",
            async (
                Guid id,
                EscalationBody by,
                PresentedCredential who,
                EscalateFinding escalate,
                CancellationToken c
            ) => (await escalate.RunAsync(who.Secret, id, by.Escalation, c)).ToHttp()
        );
        app.MapPost(
            "/findings/dispositions",
            async (
                DispositionsBody what,
                PresentedCredential by,
                DisposeFindings dispose,
                CancellationToken c
            ) =>
                (
                    await dispose.RunAsync(
                        by.Secret,
                        what.FindingIds,
                        what.Disposition,
                        what.Reason,
                        c
                    )
                ).ToHttp()
        );
    }

    static IResult ToHttp(this ListFindingsOutcome outcome) =>
        outcome switch
        {
            ListFindingsOutcome.Listed { Findings: var findings } => Results.Ok(findings),
            ListFindingsOutcome.Refused refused => HttpAnswers.Refused(
                "finding.read",
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static IResult ToHttp(this ExplainOutcome outcome, Func<FindingExplanation, object> shape) =>
        outcome switch
        {
            ExplainOutcome.Explained { Explanation: var explanation } => Results.Ok(
                shape(explanation)
            ),
            ExplainOutcome.NotFound or ExplainOutcome.Excepted => Results.Problem(
                "There is no such finding.",
                statusCode: 404
            ),
            ExplainOutcome.Refused refused => HttpAnswers.Refused("finding.read", refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static IResult ToHttp(this EscalateOutcome outcome) =>
        outcome switch
        {
            EscalateOutcome.Queued queued => Results.Accepted(value: queued),
            EscalateOutcome.Kept => Results.Ok(new { Kept = true }),
            EscalateOutcome.NotFound => Results.Problem(
                "There is no such finding.",
                statusCode: 404
            ),
            EscalateOutcome.Refused refused => HttpAnswers.Refused(
                "finding.escalate",
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}

/// <param name="Escalation">Of that name, or null for the first that holds.</param>
sealed record EscalationBody(string? Escalation);

sealed record DispositionsBody(
    IReadOnlyList<Guid> FindingIds,
    Disposition Disposition,
    string Reason
);
