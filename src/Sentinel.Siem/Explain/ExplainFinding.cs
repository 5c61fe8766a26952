using System.Text;
using Sentinel.Contract;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Explain;

public abstract record ExplainOutcome
{
    public sealed record Explained(FindingExplanation Explanation) : ExplainOutcome;

    /// <summary>It raised nothing: an exception of its rule means it to be so.</summary>
    public sealed record Excepted(ExceptedHit Hit) : ExplainOutcome;

    public sealed record NotFound : ExplainOutcome;

    public sealed record Refused(string Reason) : ExplainOutcome;
}

/// <summary>Why a finding exists: what we saw, how we reasoned, what we passed on.</summary>
public sealed class ExplainFinding(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    const int ExceptedMax = 100;

    public async Task<ExplainOutcome> RunAsync(
        Secret secret,
        Guid findingOrHitId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "finding.read", cancellation) is { } refusal)
            return new ExplainOutcome.Refused(refusal);
        var id = await ExplainStore.FindingOfAsync(work, findingOrHitId, cancellation);
        if (await FindingStore.FindAsync(work, id, cancellation) is not { } finding)
            return await ExceptedHitStore.FindAsync(work, id, cancellation) is { } excepted
                ? new ExplainOutcome.Excepted(excepted)
                : new ExplainOutcome.NotFound();
        var text = await policies.TextAsync(
            work.Connection,
            work.Actor.OrganisationId,
            finding.PolicySha256,
            cancellation
        );
        var rule = await RuleAsync(work, finding, cancellation);
        var hit = (await HitStore.CanonicalAsync(work, finding.HitId, cancellation))!;
        var seen = await SeenAsync(work, finding, cancellation);
        var later = await ExplainStore.LaterMatchesAsync(work, finding, cancellation);
        var explanation = new FindingExplanation(
            finding,
            seen,
            text.Path,
            text.Text,
            hit,
            later.Count,
            await ExplainStore.SettlementAsync(work, finding.HitId, cancellation),
            await PackageStore.OfFindingAsync(work, id, cancellation),
            await ExplainStore.EscalationsAsync(work, id, cancellation)
        )
        {
            Window = rule is null ? null : WindowText.Of(rule.Pattern),
            Steps = FindingSteps.Of(hit, rule, seen),
            Exceptions = rule is null ? [] : ExplainedException.Of(rule),
            Causes = await ExplainStore.CausesAsync(work, hit, cancellation),
            Later = later.Listed,
            Excepted = await ExceptedHitStore.OfFindingAsync(
                work,
                finding,
                ExceptedMax,
                cancellation
            ),
        };
        return new ExplainOutcome.Explained(explanation);
    }

    /// <summary>The rule of exactly the version that fired; null for what the engine finds without one.</summary>
    async Task<RuleDeclaration?> RuleAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var set = await policies.UsedAsync(
            work.Connection,
            work.Actor.OrganisationId,
            await ExplainStore.PolicySetAsync(work, finding.HitId, cancellation),
            cancellation
        );
        return set
            .Policy.Rules.Append(OperationalRules.ClockDrift(set.Policy.Fields))
            .FirstOrDefault(rule => rule.Id == finding.RuleId);
    }

    async Task<IReadOnlyList<SeenEvent>> SeenAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        var keys = await FindingStore.EventsOfAsync(work, finding.Id, cancellation);
        var events = await EventStore
            .ReadAsync(work.Connection, organisationId, keys, cancellation)
            .ToListAsync(cancellation);
        var places = await ExplainStore.PlacesAsync(work, cancellation);
        var raw = await rawEvents
            .ReadAsync(
                work.Connection,
                organisationId,
                [.. events.Select(row => (row.RawEventId, row.KeyTime))],
                cancellation
            )
            .ToDictionaryAsync(row => row.Id, cancellationToken: cancellation);
        return
        [
            .. events
                .Where(row => raw.ContainsKey(row.RawEventId))
                .OrderBy(row => row.EventTime)
                .ThenBy(row => raw[row.RawEventId].Raw.Index)
                .Select(row => new SeenEvent(
                    row,
                    raw[row.RawEventId],
                    places.GetValueOrDefault(raw[row.RawEventId].BatchNumber, "")
                )),
        ];
    }
}

/// <param name="Place">The file as it was given, or the request.</param>
public sealed record SeenEvent(EventRow Event, StoredRawEvent Raw, string Place)
{
    /// <summary>The line as text, with a replacement for what is not.</summary>
    public string Line => Encoding.UTF8.GetString(Raw.Raw.PayloadBytes.Span);
}

/// <param name="HitJson">The hit as it fired, with every reason.</param>
/// <param name="LaterMatches">Counted on this finding since.</param>
/// <param name="Settlement">confirmed, corrected or withdrawn; null before the watermark passed.</param>
public sealed record FindingExplanation(
    Finding Finding,
    IReadOnlyList<SeenEvent> Seen,
    string RulePath,
    string RuleText,
    string HitJson,
    long LaterMatches,
    string? Settlement,
    IReadOnlyList<SealedPackage> Packages,
    IReadOnlyList<PassedOn> Escalations
)
{
    /// <summary>In the rule's words; null where a single event is enough.</summary>
    public string? Window { get; init; }

    /// <summary>Which events were what for the rule, and which predicates held on which values.</summary>
    public required IReadOnlyList<ExplainedStep> Steps { get; init; }

    /// <summary>What the rule means to be so.</summary>
    public required IReadOnlyList<ExplainedException> Exceptions { get; init; }

    /// <summary>The hits of other rules that it is made of.</summary>
    public required IReadOnlyList<StoredMatch> Causes { get; init; }

    /// <summary>Matches of the same rule and key that were meant to be so, the latest first.</summary>
    public required IReadOnlyList<ExceptedHit> Excepted { get; init; }

    /// <summary>The first of the later matches.</summary>
    public required IReadOnlyList<StoredMatch> Later { get; init; }
}

/// <summary>A stored hit in one line.</summary>
public sealed record StoredMatch(Guid HitId, string Rule, DateTimeOffset Last, string Message);

/// <param name="Attempts">Of delivery, with the last error while there is no receipt.</param>
public sealed record PassedOn(
    Guid EscalationId,
    string Policy,
    int PolicyVersion,
    string PolicySha256,
    DateTimeOffset QueuedAt,
    int Attempts,
    string? LastError,
    Guid? PsaCaseId,
    DateTimeOffset? ReceivedAt
);
