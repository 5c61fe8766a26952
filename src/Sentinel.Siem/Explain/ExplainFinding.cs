using System.Text;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Explain;

public abstract record ExplainOutcome
{
    public sealed record Explained(FindingExplanation Explanation) : ExplainOutcome;

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
    public async Task<ExplainOutcome> RunAsync(
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
        if (await PermissionStore.RefusalAsync(work, "finding.read", cancellation) is { } refusal)
            return new ExplainOutcome.Refused(refusal);
        if (await FindingStore.FindAsync(work, findingId, cancellation) is not { } finding)
            return new ExplainOutcome.NotFound();
        var rule = await policies.TextAsync(
            work.Connection,
            work.Actor.OrganisationId,
            finding.PolicySha256,
            cancellation
        );
        var explanation = new FindingExplanation(
            finding,
            await SeenAsync(work, finding, cancellation),
            rule.Path,
            rule.Text,
            (await HitStore.CanonicalAsync(work, finding.HitId, cancellation))!,
            await ExplainStore.LaterMatchesAsync(work, finding, cancellation),
            await ExplainStore.SettlementAsync(work, finding.HitId, cancellation),
            await PackageStore.OfFindingAsync(work, findingId, cancellation),
            await ExplainStore.EscalationsAsync(work, findingId, cancellation)
        );
        return new ExplainOutcome.Explained(explanation);
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
);

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
