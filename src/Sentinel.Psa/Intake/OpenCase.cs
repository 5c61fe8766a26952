using Microsoft.Extensions.Logging;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;

namespace Sentinel.Psa.Intake;

/// <summary>The other side said no; delivery may try again once what the message names is mended.</summary>
public sealed class IntakeRefusedException(RuleRefusal refusal) : Exception(refusal.ToString())
{
    public RuleRefusal Why { get; } = refusal;
}

/// <summary>
/// The dock's far side. One delivery, one transaction: case, assets, clock, evidence, tasks and
/// workflow commit together with the receipt, or nothing does.
/// </summary>
public sealed class OpenCase(
    SentinelDatabase database,
    MachineSecrets machines,
    EvidenceObjects objects,
    IEscalationTerms terms,
    ICaseWorkflows workflows,
    TimeProvider clock,
    ILogger<OpenCase> log
) : ICaseIntake
{
    const int SummaryCharsMax = 4000;

    /// <summary>Where a crash test may kill the process, in the order in which they are reached.</summary>
    public static IReadOnlyList<string> Stations { get; } =
    [
        "intake.received",
        "intake.package_copied",
        "intake.case_opened",
        "intake.evidence_attached",
        "intake.workflow_started",
        "intake.before_commit",
        "intake.committed",
    ];

    /// <exception cref="IntakeRefusedException">The package or the policy is not what was named.</exception>
    public async Task<EscalationReceipt> ReceiveAsync(
        Escalation escalation,
        CancellationToken cancellation
    ) =>
        (await RunAsync(escalation, cancellation)).Match(
            receipt => receipt,
            missing =>
                throw new IntakeRefusedException(
                    new RuleRefusal("intake.unknown", missing + " is unknown", null)
                ),
            refusal => throw new IntakeRefusedException(refusal)
        );

    public async Task<Outcome<EscalationReceipt>> RunAsync(
        Escalation escalation,
        CancellationToken cancellation
    )
    {
        using var story = log.BeginScope("{CorrelationId}", escalation.CorrelationId);
        CrashPoint.Reach(Stations[0]);
        // The escalation comes from detection, so the case is opened in detection's name.
        var secret = machines.For(escalation.OrganisationId, "siem");
        if (await KnownAsync(secret, escalation.Id, cancellation) is { } before)
            return new Outcome<EscalationReceipt>.Done(before);
        var outcome = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("escalation.receive", "escalation", escalation.Id, escalation.About.Id),
            work => InAsync(work, escalation, cancellation),
            cancellation
        );
        CrashPoint.Reach(Stations[6]);
        if (outcome is Outcome<EscalationReceipt>.Done(var receipt))
            log.CaseOpened(receipt.CaseId, escalation.About.Id, escalation.CorrelationId);
        else if (outcome is Outcome<EscalationReceipt>.Declined(var refusal))
            log.EscalationRefused(escalation.Id, refusal.Rule, refusal.Reason);
        return outcome;
    }

    async Task<EscalationReceipt?> KnownAsync(
        Secret secret,
        Guid escalationId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        return await ReceiptStore.FindAsync(work, escalationId, cancellation);
    }

    async Task<Outcome<EscalationReceipt>> InAsync(
        PresentedTransaction work,
        Escalation escalation,
        CancellationToken cancellation
    )
    {
        await ReceiptStore.LockFindingAsync(work, escalation.About.Id, cancellation);
        if (await ReceiptStore.FindAsync(work, escalation.Id, cancellation) is { } before)
            return new Outcome<EscalationReceipt>.Done(before);
        if (await PermissionStore.LackingAsync(work, "case.open", cancellation) is { } lacking)
            return new Outcome<EscalationReceipt>.Declined(lacking);
        var package = await new PackageCopy(objects).FetchAsync(escalation.Package, cancellation);
        if (package is not Outcome<StoredObject>.Done(var stored))
            return package.Match<Outcome<EscalationReceipt>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<EscalationReceipt>.NotFound(missing),
                refusal => new Outcome<EscalationReceipt>.Declined(refusal)
            );
        CrashPoint.Reach(Stations[1]);
        var now = Microseconds(clock.GetUtcNow());
        var opening = await OpenedAsync(work, escalation, now, cancellation);
        if (opening is not Outcome<OpenedCase>.Done(var opened))
            return opening.Match<Outcome<EscalationReceipt>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<EscalationReceipt>.NotFound(missing),
                refusal => new Outcome<EscalationReceipt>.Declined(refusal)
            );
        CrashPoint.Reach(Stations[2]);
        await AttachAsync(work, escalation, opened.CaseId, stored, now, cancellation);
        CrashPoint.Reach(Stations[3]);
        if (opened.Workflow is { } workflow)
            await StartAsync(work, workflow, opened.CaseId, escalation, now, cancellation);
        CrashPoint.Reach(Stations[4]);
        CrashPoint.Reach(Stations[5]);
        return new Outcome<EscalationReceipt>.Done(
            new EscalationReceipt(escalation.Id, opened.CaseId, now)
        );
    }

    /// <summary>The finding's case; a new one where there is none, or where it is closed.</summary>
    async Task<Outcome<OpenedCase>> OpenedAsync(
        PresentedTransaction work,
        Escalation escalation,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var known = await ReceiptStore.CaseOfFindingAsync(work, escalation.About.Id, cancellation);
        var found = known is { } id ? await CaseStore.LockAsync(work, id, cancellation) : null;
        if (found is { Status: not CaseState.Closed })
        {
            await ReceiptStore.InsertAsync(work, escalation, found.Id, [], now, cancellation);
            return new Outcome<OpenedCase>.Done(new OpenedCase(found.Id, null));
        }
        if (await terms.FindAsync(work, escalation.DecidedBy, cancellation) is not { } policy)
            return new Outcome<OpenedCase>.Declined(
                new RuleRefusal(
                    "intake.policy",
                    $"no published policy declares escalation {escalation.DecidedBy.Name} "
                        + $"in the text {escalation.DecidedBy.Sha256}",
                    "somebody with policy.publish publishes it, then it is delivered again"
                )
            );
        var assets = escalation.About.AssetIds;
        var (active, criticality) = await OpeningStore.AssetsAsync(work, assets, cancellation);
        var plan = CasePlan.Of(policy, escalation.About, criticality);
        var caseId = Guid.CreateVersion7(now);
        var opened = await NewAsync(work, escalation, plan, caseId, found, now, cancellation);
        await CaseStore.InsertAsync(work, opened, cancellation);
        // Before the rest: the audit log finds the policy of the case in its receipt.
        Guid[] strange = [.. assets.Except(active)];
        await ReceiptStore.InsertAsync(work, escalation, caseId, strange, now, cancellation);
        await CaseBeginning.FillAsync(work, caseId, plan, active, found?.Id, now, cancellation);
        return new Outcome<OpenedCase>.Done(new OpenedCase(caseId, plan.Workflow));
    }

    static async Task<NewCase> NewAsync(
        PresentedTransaction work,
        Escalation escalation,
        CasePlan plan,
        Guid caseId,
        Case? follows,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var finding = escalation.About;
        var summary = finding.Summary is { Length: > 0 } said ? said : finding.Type;
        return new NewCase(
            caseId,
            plan.CaseType,
            "siem",
            plan.Severity,
            finding.Confidence,
            summary.Cut(SummaryCharsMax),
            now,
            plan.Queue is { } queue
                ? await CaseStore.QueueAsync(work, queue, now, cancellation)
                : null,
            plan.Owner is { } owner ? await PersonStore.FindAsync(work, owner, cancellation) : null,
            escalation.CorrelationId,
            // A finding has one case; what follows on a sealed one is reached through its link.
            follows is null
                ? finding.Id
                : null,
            escalation.DecidedBy.Name,
            escalation.DecidedBy.Version,
            escalation.DecidedBy.Sha256
        );
    }

    static Task AttachAsync(
        PresentedTransaction work,
        Escalation escalation,
        Guid caseId,
        StoredObject stored,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        EvidenceStore.InsertAsync(
            work,
            new EvidenceItem(
                Guid.CreateVersion7(now),
                caseId,
                "log",
                "siem",
                $"Evidence package {escalation.Package.Id} of finding {escalation.About.Id}",
                stored.Hash,
                stored.Uri,
                stored.SizeBytes,
                work.Actor.Id,
                now
            ),
            cancellation
        );

    async Task StartAsync(
        PresentedTransaction work,
        string definition,
        Guid caseId,
        Escalation escalation,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var instance = await workflows.StartAsync(
            work,
            definition,
            caseId,
            escalation.About,
            escalation.CorrelationId,
            cancellation
        );
        if (instance is { } id)
            await OpeningStore.WorkflowAsync(work, caseId, id, definition, now, cancellation);
        else
            // A case is never kept from opening by a workflow that nobody has published.
            log.WorkflowMissing(definition, caseId);
    }

    // PostgreSQL keeps microseconds: the first receipt and the second have to be equal.
    static DateTimeOffset Microseconds(DateTimeOffset time) =>
        time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    sealed record OpenedCase(Guid CaseId, string? Workflow);
}
