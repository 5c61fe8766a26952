using Microsoft.Extensions.Logging;
using Sentinel.Contract;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Escalation;

/// <summary>What became of a finding that was to be escalated.</summary>
public abstract record EscalateOutcome
{
    /// <summary>Sealed and on its way; the receipt makes it escalated.</summary>
    public sealed record Queued(Guid EscalationId, SealedPackage Package, PolicyReference Policy)
        : EscalateOutcome;

    /// <summary>No escalation policy holds: it stays in the queue of findings.</summary>
    public sealed record Kept : EscalateOutcome;

    public sealed record NotFound : EscalateOutcome;

    public sealed record Refused(string Reason) : EscalateOutcome;
}

/// <summary>
/// Decides whether a finding becomes a case: the first escalation whose <c>when</c> holds. The package is
/// sealed before anything is queued; state, decision and outbox row commit together.
/// </summary>
public sealed class EscalateFinding(
    SentinelDatabase database,
    PolicySets policies,
    SealEvidence seal,
    TimeProvider clock,
    ILogger<EscalateFinding> log
)
{
    const string PackageSealed = "siem.package_sealed";
    const string EscalationQueued = "siem.escalation_queued";
    const string FindingJudged = "siem.finding_judged";

    /// <summary>The crash points of this stage, in order.</summary>
    public static IReadOnlyList<string> Stations { get; } =
    [PackageSealed, EscalationQueued, FindingJudged];

    /// <summary>By hand: whoever may, may also name the escalation where none holds by itself.</summary>
    /// <param name="escalation">The name of an escalation policy, or null for the first that holds.</param>
    public async Task<EscalateOutcome> RunAsync(
        Secret secret,
        Guid findingId,
        string? escalation,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (
            await PermissionStore.RefusalAsync(work, "finding.escalate", cancellation) is
            { } refusal
        )
            return new EscalateOutcome.Refused(refusal);
        if (await FindingStore.LockAsync(work, findingId, cancellation) is not { } finding)
            return new EscalateOutcome.NotFound();
        if (FindingMachine.Next(finding.State, FindingTrigger.Escalate) is null)
            return new EscalateOutcome.Refused(
                $"A finding that is {FindingStore.NameOf(finding.State)} cannot be escalated."
            );
        var set = await policies.ActiveAsync(work, cancellation);
        var chosen = escalation is null
            ? await FirstThatHoldsAsync(work, set, finding, cancellation)
            : set.Policy.Escalations.FirstOrDefault(one => one.Name == escalation);
        if (chosen is null)
            return new EscalateOutcome.Refused(
                (
                    escalation is null
                        ? "No escalation holds"
                        : $"There is no escalation {escalation}"
                )
                    + $": name one of {string.Join(", ", set.Policy.Escalations.Select(e => e.Name))}."
            );
        return await QueueAsync(work, set, chosen, finding, cancellation);
    }

    /// <summary>
    /// Judges a finding that nobody has judged yet; again where a crash came between, never twice.
    /// </summary>
    public async Task<EscalateOutcome> JudgeAsync(
        Secret secret,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await FindingStore.LockAsync(work, findingId, cancellation) is not { } finding)
            return new EscalateOutcome.NotFound();
        using var story = log.BeginScope("{CorrelationId}", finding.CorrelationId);
        if (
            FindingMachine.Next(finding.State, FindingTrigger.Escalate) is null
            || await OutboxStore.IsDecidedAsync(work, findingId, cancellation)
        )
            return new EscalateOutcome.Kept();
        var set = await policies.ActiveAsync(work, cancellation);
        if (await FirstThatHoldsAsync(work, set, finding, cancellation) is { } chosen)
            return await QueueAsync(work, set, chosen, finding, cancellation);
        await OutboxStore.DecideAsync(work, findingId, null, set.Sha256, Now(), cancellation);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(FindingJudged);
        return new EscalateOutcome.Kept();
    }

    static async Task<EscalationDeclaration?> FirstThatHoldsAsync(
        PresentedTransaction work,
        PolicySet set,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var asset = await OutboxStore.AssetAsync(work, finding.AssetIds, cancellation);
        return new FindingFacts(
            finding.Type,
            finding.Severity,
            finding.Confidence,
            finding.RuleName,
            finding.Summary,
            finding.Fields,
            asset?.Name,
            asset?.Criticality
        ).FirstOf(set.Policy.Escalations);
    }

    async Task<EscalateOutcome> QueueAsync(
        PresentedTransaction work,
        PolicySet set,
        EscalationDeclaration chosen,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var package = await seal.RunAsync(work, finding, cancellation);
        CrashPoint.Reach(PackageSealed);
        var now = Now();
        var policy = set.Reference(chosen.Name, chosen.Text);
        var escalation = new Sentinel.Contract.Escalation(
            Guid.CreateVersion7(now),
            finding.OrganisationId,
            finding.CorrelationId,
            new EscalatedFinding(
                finding.Id,
                finding.Type,
                finding.Severity,
                finding.Confidence,
                finding.Summary,
                finding.CreatedAt,
                finding.Fields,
                finding.AssetIds
            ),
            package,
            policy,
            await OutboxStore.HeadAsync(work, cancellation)
        );
        await OutboxStore.DecideAsync(
            work,
            finding.Id,
            chosen.Name,
            chosen.Text.Sha256,
            now,
            cancellation
        );
        await OutboxStore.InsertAsync(work, escalation, "finding", now, cancellation);
        await FindingStore.SetStateAsync(
            work,
            finding.Id,
            FindingState.Escalating,
            null,
            cancellation
        );
        CrashPoint.Reach(EscalationQueued);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(FindingJudged);
        log.FindingEscalating(finding.Id, chosen.Name, escalation.Id, finding.CorrelationId);
        return new EscalateOutcome.Queued(escalation.Id, package, policy);
    }

    DateTimeOffset Now() => MicrosecondClock.Truncate(clock.GetUtcNow());
}
