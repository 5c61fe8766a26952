using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Replay;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Explain;

public abstract record NotFiredOutcome
{
    public sealed record Explained(NotExplanation Explanation) : NotFiredOutcome;

    public sealed record NotFound : NotFiredOutcome;

    /// <param name="Reason">One sentence with what to do.</param>
    public sealed record Refused(string Reason) : NotFiredOutcome;
}

/// <summary>
/// Why a rule did not fire on a stored event: the event and those around it, as far as the rule's window
/// reaches, asked again by the rule of that time, or by today's where there was none of its name.
/// </summary>
public sealed class ExplainNotFired(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    const int EventsMax = 100_000;
    static readonly TimeSpan aroundMax = TimeSpan.FromDays(30);

    /// <param name="eventId">Of an event or of a raw one.</param>
    public async Task<NotFiredOutcome> RunAsync(
        Secret secret,
        string ruleName,
        Guid eventId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "event.search", cancellation) is { } refusal)
            return new NotFiredOutcome.Refused(refusal);
        if (await StoredEventAsync(work, eventId, cancellation) is not { } stored)
            return new NotFiredOutcome.NotFound();
        var then = await policies.UsedAsync(
            work.Connection,
            work.Actor.OrganisationId,
            stored.Batch.PolicySetSha256,
            cancellation
        );
        var set = then.Policy.Rules.Any(r => r.Name == ruleName)
            ? then
            : await policies.ActiveAsync(work, cancellation);
        if (set.Policy.Rules.FirstOrDefault(r => r.Name == ruleName) is not { } rule)
            return new NotFiredOutcome.Refused(
                $"There is no rule {ruleName}: name one of "
                    + $"{string.Join(", ", set.Policy.Rules.Select(r => r.Name).Order())}."
            );
        return await ExplainAsync(work, set.Policy, rule, stored, cancellation);
    }

    async Task<NotFiredOutcome> ExplainAsync(
        PresentedTransaction work,
        Policy policy,
        RuleDeclaration rule,
        (StoredRawEvent Raw, StoredBatch Batch, string Place) stored,
        CancellationToken cancellation
    )
    {
        var horizon = LiveCorrelator.HorizonOf(rule, policy.Rules);
        var around = horizon < aroundMax ? horizon : aroundMax;
        var (from, to) = (stored.Raw.KeyTime - around, stored.Raw.KeyTime + around);
        var organisationId = work.Actor.OrganisationId;
        var events = new ReadStoredEvents(work.Connection, organisationId);
        var taken = new TakenEvents(policy.Fields, rule, policy.Rules);
        var about = (EnrichedEvent?)null;
        var batches = await BatchStore.ListWithinAsync(
            work.Connection,
            organisationId,
            (from, to.AddTicks(TimeSpan.TicksPerMicrosecond)),
            cancellation
        );
        foreach (var batch in batches.Where(batch => !batch.Tick))
        {
            var raw = await rawEvents
                .ReadBatchAsync(work.Connection, organisationId, batch.Number, cancellation)
                .Where(row => row.KeyTime >= from && row.KeyTime <= to)
                .ToListAsync(cancellation);
            foreach (var one in await events.RunAsync(policy, batch.ReadAs, raw, cancellation))
            {
                if (one.Event.RawEventId == stored.Raw.Id)
                    about = one;
                taken.Add(one);
            }
            if (taken.Count > EventsMax)
                return new NotFiredOutcome.Refused(
                    $"The rule {rule.Name} takes more than {EventsMax} events around this one: write the "
                        + "records to a file, and ask with FILE:LINE."
                );
        }
        var asked = new AskedRecord(
            stored.Raw.Raw,
            stored.Place,
            about,
            about is null ? await UnreadAsync(work, stored.Raw, cancellation) : null,
            Late: false
        );
        return new NotFiredOutcome.Explained(taken.Explain(asked));
    }

    async Task<(StoredRawEvent Raw, StoredBatch Batch, string Place)?> StoredEventAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        if (await ExplainStore.RawEventOfAsync(work, id, cancellation) is not { } key)
            return null;
        var raw = await rawEvents
            .ReadAsync(work.Connection, organisationId, [key], cancellation)
            .SingleAsync(cancellation);
        var batches = await BatchStore.ListBetweenAsync(
            work.Connection,
            organisationId,
            raw.BatchNumber - 1,
            raw.BatchNumber + 1,
            cancellation
        );
        var places = await ExplainStore.PlacesAsync(work, cancellation);
        return (raw, batches.Single(), places.GetValueOrDefault(raw.BatchNumber, ""));
    }

    static async Task<string> UnreadAsync(
        PresentedTransaction work,
        StoredRawEvent raw,
        CancellationToken cancellation
    ) =>
        raw.Raw.DuplicateOf is not null
            ? "it was delivered before"
            : await ExplainStore.FailureAsync(work, raw.Id, cancellation)
                ?? "the sources of these policies do not read it";
}
