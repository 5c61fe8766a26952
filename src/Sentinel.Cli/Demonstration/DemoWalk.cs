using System.Text.Json;
using Sentinel.Cli.Sessions;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;
using Sentinel.Server;
using Sentinel.Siem;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Cli.Demonstration;

/// <summary>
/// The walk: the same use cases that the server offers, called in the order of a working day, by people
/// who are who they say. Nothing here is told what the log holds.
/// </summary>
sealed class DemoWalk(CommandSession session, Action<string> step)
{
    const int FindingsMax = 1000;
    const int RoundsMax = 20;

    public async Task<DemoStory> RunAsync(string log, CancellationToken cancellation)
    {
        var people = await DemoPeople.HireAsync(session, cancellation);
        await RegisterAsync(people, cancellation);
        step("reading " + Path.GetFileName(log));
        var counts = await IngestAsync(people, log, cancellation);
        step("delivering escalations");
        await session.Use<SweepOnce>().RunAsync(cancellation);
        var findings = await FindingsAsync(people.Analyst, cancellation);
        var chosen =
            findings
                .Where(finding => finding.PsaCaseId is not null)
                .OrderByDescending(finding => finding.Severity)
                .ThenByDescending(finding => finding.Confidence)
                .ThenBy(finding => finding.CreatedAt)
                .FirstOrDefault()
            ?? throw new OperationFailedException(
                $"{log} gave {counts.Events} events and {findings.Count} findings, none of which was "
                    + "escalated, so there is no case to walk through."
            );
        var explanation = await ExplainAsync(people, chosen, cancellation);
        var caseId = chosen.PsaCaseId!.Value;
        step("working the case");
        var refusals = await WorkAsync(people, caseId, cancellation);
        step("sealing and verifying");
        var audit = await VerifyAsync(people, caseId, cancellation);
        var package = explanation.Packages[0];
        return new DemoStory(
            log,
            counts,
            findings,
            chosen,
            Reasons(explanation),
            package.Uri,
            package.Sha256,
            await ShowAsync(people.Manager, caseId, cancellation),
            refusals,
            audit
        );
    }

    // What the sample's host is worth; in another log nobody may be called so.
    async Task RegisterAsync(DemoPeople people, CancellationToken cancellation)
    {
        var gateway = new NewAsset("server", "gateway", null, ["gateway"], Criticality: 8);
        DemoPeople.Must(
            await session.Use<RegisterAsset>().RunAsync(people.Administrator, gateway, cancellation)
        );
        while (await session.Use<DeliverReferenceData>().RunAsync(cancellation) > 0) { }
    }

    async Task<IngestCounts> IngestAsync(
        DemoPeople people,
        string log,
        CancellationToken cancellation
    ) =>
        await session
            .Use<IngestFiles>()
            .RunAsync(
                people.Collector,
                [log],
                null,
                new NormaliserOptions(),
                null,
                cancellation
            ) switch
        {
            IngestOutcome.Ingested ingested => ingested.Counts,
            IngestOutcome.Refused refused => throw new OperationFailedException(refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    async Task<IReadOnlyList<Finding>> FindingsAsync(Secret by, CancellationToken cancellation) =>
        await session.Use<ListFindings>().RunAsync(by, null, FindingsMax, cancellation) switch
        {
            ListFindingsOutcome.Listed listed => listed.Findings,
            ListFindingsOutcome.Refused refused => throw new OperationFailedException(
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    async Task<FindingExplanation> ExplainAsync(
        DemoPeople people,
        Finding finding,
        CancellationToken cancellation
    ) =>
        await session.Use<ExplainFinding>().RunAsync(people.Analyst, finding.Id, cancellation)
            is ExplainOutcome.Explained explained
            ? explained.Explanation
            : throw new OperationFailedException("The demo stopped: its finding is gone.");

    /// <summary>From open to closed; what is refused on the way was really tried.</summary>
    async Task<IReadOnlyList<DemoRefusal>> WorkAsync(
        DemoPeople people,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        DemoPeople.Must(
            await session.Use<TakeCase>().RunAsync(people.Analyst, caseId, cancellation)
        );
        for (var round = 0; await WorkRoundAsync(people, caseId, cancellation); round++)
            if (round == RoundsMax)
                throw new OperationFailedException("The demo stopped: the work never ends.");
        DemoPeople.Must(
            await session
                .Use<DisposeCase>()
                .RunAsync(
                    people.Analyst,
                    caseId,
                    Disposition.TruePositive,
                    "The account's owner did not log in, and the attempts came from outside.",
                    cancellation
                )
        );
        DemoPeople.Must(
            await session.Use<ResolveCase>().RunAsync(people.Analyst, caseId, cancellation)
        );
        var close = session.Use<CloseCase>();
        var attest = session.Use<AttestCase>();
        const string statement = "I have read the case: it was resolved as it stands.";
        List<DemoRefusal> refusals =
        [
            Refused(
                "close",
                "workflow",
                await close.RunAsync(people.Workflow, caseId, cancellation)
            ),
            Refused(
                "attest",
                "the assignee",
                await attest.RunAsync(people.Analyst, caseId, statement, cancellation)
            ),
        ];
        DemoPeople.Must(await attest.RunAsync(people.Manager, caseId, statement, cancellation));
        DemoPeople.Must(await close.RunAsync(people.Manager, caseId, cancellation));
        return refusals;
    }

    /// <summary>One look at the case, and what there is to do; false when there was nothing.</summary>
    async Task<bool> WorkRoundAsync(DemoPeople people, Guid caseId, CancellationToken cancellation)
    {
        await session.Use<SweepOnce>().RunAsync(cancellation);
        var story = await ShowAsync(people.Analyst, caseId, cancellation);
        var open = story.Tasks.Where(task =>
            task.Status is CaseTaskState.Pending or CaseTaskState.Running
        );
        if (open.FirstOrDefault() is { } task)
        {
            await CompleteAsync(people, task, cancellation);
            return true;
        }
        if (story.Approvals.FirstOrDefault(a => a.Status == ApprovalState.Asked) is not { } asked)
            return false;
        DemoPeople.Must(
            await session
                .Use<DecideApproval>()
                .RunAsync(
                    people.Manager,
                    asked.Id,
                    ApprovalTrigger.Approve,
                    "The work is done and recorded.",
                    cancellation
                )
        );
        return true;
    }

    async Task CompleteAsync(DemoPeople people, CaseTask task, CancellationToken cancellation)
    {
        if (task.Status == CaseTaskState.Pending)
            DemoPeople.Must(
                await session.Use<StartTask>().RunAsync(people.Analyst, task.Id, cancellation)
            );
        DemoPeople.Must(
            await session
                .Use<RecordTaskAction>()
                .RunAsync(
                    people.Analyst,
                    task.Id,
                    "checked",
                    $"Did what was asked: {task.Description}",
                    cancellation
                )
        );
        DemoPeople.Must(
            await session
                .Use<CompleteTask>()
                .RunAsync(people.Analyst, task.Id, "done and confirmed", cancellation)
        );
    }

    async Task<DemoAudit> VerifyAsync(
        DemoPeople people,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        var head = session.Data.HeadFile("psa");
        var verdicts = await new VerifyAudit(
            session.Use<SentinelDatabase>(),
            session.Data
        ).RunAsync([head], cancellation);
        if (verdicts.SelectMany(verdict => verdict.Problems).FirstOrDefault() is { } problem)
            throw new OperationFailedException($"The audit does not verify: {problem.Sentence}.");
        var seal = DemoPeople.Must(
            await session.Use<VerifyCase>().RunAsync(people.Manager, caseId, cancellation)
        );
        if (!seal.IsSound)
            throw new OperationFailedException($"The seal does not verify: {seal.Problems[0]}.");
        var psa = verdicts.Single(verdict => verdict.Schema == "psa");
        return new DemoAudit(psa.Entries, seal.IsSound, psa.Root, head);
    }

    async Task<CaseStory> ShowAsync(Secret secret, Guid caseId, CancellationToken cancellation) =>
        DemoPeople.Must(await session.Use<ShowCase>().RunAsync(secret, caseId, cancellation));

    static DemoRefusal Refused<T>(string action, string actor, Outcome<T> outcome) =>
        new(
            action,
            actor,
            outcome.Match(
                _ => throw new OperationFailedException($"'{action}' by {actor} was not refused."),
                missing => throw new OperationFailedException($"There is no {missing}."),
                refusal => refusal.Reason
            )
        );

    static IReadOnlyList<string> Reasons(FindingExplanation explanation)
    {
        using var hit = JsonDocument.Parse(explanation.HitJson);
        return hit.RootElement.TryGetProperty("reasons", out var reasons)
            ? [.. reasons.EnumerateArray().Select(reason => reason.GetString()!)]
            : [];
    }
}
