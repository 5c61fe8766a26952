using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Intake;

/// <param name="CaseType">incident, problem, change or audit.</param>
/// <param name="Severity">0 to 10.</param>
/// <param name="FollowsOn">A closed case that this one takes up again, or null.</param>
public sealed record CaseByHand(
    string CaseType,
    int Severity,
    string Summary,
    IReadOnlyCollection<Guid> AssetIds,
    string? Queue,
    ClosingRequirements ToClose,
    Guid? FollowsOn
);

/// <summary>A person opens a case; also the way on from a closed one, which itself never changes.</summary>
public sealed class OpenCaseByHand(SentinelDatabase database, TimeProvider clock)
{
    const int SummaryCharsMax = 4000;
    const int QueueCharsMax = 100;

    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        CaseByHand asked,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.open", "case", null, asked.FollowsOn),
            work => InAsync(work, asked, cancellation),
            cancellation
        );

    async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        CaseByHand asked,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(work, "case.open", "case.open", cancellation)
            ?? Unfit(asked);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        var parent = asked.FollowsOn;
        if (parent is { } id && await CaseStore.FindAsync(work, id, cancellation) is null)
            return new Outcome<Case>.NotFound($"case {id}");
        foreach (var assetId in asked.AssetIds)
            if (!await AssetStore.ExistsAsync(work, assetId, cancellation))
                return new Outcome<Case>.NotFound($"asset {assetId}");
        var now = clock.GetUtcNow();
        var caseId = Guid.CreateVersion7(now);
        var queue = asked.Queue is { } name
            ? await CaseStore.QueueAsync(work, name, now, cancellation)
            : (Guid?)null;
        var opened = new NewCase(
            caseId,
            asked.CaseType,
            "manual",
            asked.Severity,
            null,
            asked.Summary,
            now,
            queue,
            null,
            Guid.CreateVersion7(now),
            null,
            null,
            null,
            null
        );
        await CaseStore.InsertAsync(work, opened, cancellation);
        await OpeningStore.AttachAssetsAsync(work, caseId, asked.AssetIds, cancellation);
        await OpeningStore.RequireAsync(work, caseId, asked.ToClose, cancellation);
        if (parent is { } sealedCase)
            await OpeningStore.RelateAsync(
                work,
                sealedCase,
                caseId,
                "follow_on",
                now,
                cancellation
            );
        var found = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(found!);
    }

    static RuleRefusal? Unfit(CaseByHand asked) =>
        (
            Case.Types.Contains(asked.CaseType)
                ? null
                : new RuleRefusal(
                    "case.type",
                    $"a case is one of {string.Join(", ", Case.Types)}",
                    "the same person, who names one of them"
                )
        )
        ?? SetSeverity.OffTheScale(asked.Severity)
        ?? TextGiven.Unfit("case.summary", "summary of a case", asked.Summary, SummaryCharsMax)
        ?? (
            asked.Queue is null
                ? null
                : TextGiven.Unfit("case.queue", "queue", asked.Queue, QueueCharsMax)
        );
}
