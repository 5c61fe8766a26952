using Npgsql;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Replay;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Backtest;

/// <summary>
/// Feeds a correlator with the draft's rules from what was accepted, batch after batch, as live detection
/// would have been fed; the end of the time is the end of input.
/// </summary>
sealed class BacktestReader(
    NpgsqlConnection connection,
    Guid organisationId,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    // Behind a year's window nobody waits for the first of the wanted days.
    static readonly TimeSpan leadInMax = TimeSpan.FromDays(30);

    readonly ReadStoredEvents events = new(connection, organisationId);
    readonly Dictionary<string, Policy> compiled = [];
    readonly SortedDictionary<DateOnly, long> days = [];
    long unparsed;
    int setsLeftOut;

    public async Task<BacktestRead> RunAsync(
        BacktestInput input,
        DraftFindings found,
        IProgress<(long, long)>? progress,
        CancellationToken cancellation
    )
    {
        compiled[input.Active.Sha256] = input.Loaded;
        var range = input.Range with { From = input.Range.From - LeadIn(input) };
        var batches = await BatchStore.ListWithinAsync(
            connection,
            organisationId,
            (range.From, range.To),
            cancellation
        );
        var (records, all) = (0L, batches.Sum(batch => (long)batch.RawEvents));
        (Policy Policy, LiveCorrelator Correlator)? reached = null;
        foreach (var batch in batches)
        {
            var policy = await PolicyOfAsync(input, batch.PolicySetSha256, cancellation);
            if (reached?.Policy != policy)
                reached = (policy, Successor(input, policy, reached?.Correlator));
            var correlator = reached.Value.Correlator;
            found.Accept(
                batch.Tick
                    ? correlator.Advance(batch.ReceivedAt)
                    : correlator.Correlate(
                        await ReadAsync(batch, policy, range, input.Range, cancellation)
                    )
            );
            records += batch.RawEvents;
            progress?.Report((records, all));
            if (found.IsFull)
                break;
        }
        if (reached is { } last)
            found.Accept(last.Correlator.Finish());
        return new BacktestRead(days, unparsed, setsLeftOut);
    }

    async Task<IReadOnlyList<Enrichment.EnrichedEvent>> ReadAsync(
        StoredBatch batch,
        Policy policy,
        TimeRange read,
        TimeRange counted,
        CancellationToken cancellation
    )
    {
        var raw = await rawEvents
            .ReadBatchAsync(connection, organisationId, batch.Number, cancellation)
            .Where(row => read.Holds(row.KeyTime))
            .ToListAsync(cancellation);
        var found = await events.RunAsync(policy, batch.ReadAs, raw, cancellation);
        foreach (var day in found.Where(e => counted.Holds(e.Event.KeyTime)).GroupBy(DayOf))
            days[day.Key] = days.GetValueOrDefault(day.Key) + day.Count();
        var asked = raw.Where(row => row.Raw.DuplicateOf is null);
        unparsed += asked.Count(r => counted.Holds(r.KeyTime));
        unparsed -= found.Count(e => counted.Holds(e.Event.KeyTime));
        return found;
    }

    static DateOnly DayOf(Enrichment.EnrichedEvent found) =>
        DateOnly.FromDateTime(found.Event.KeyTime.UtcDateTime);

    /// <summary>With the sources and lists of that set; with today's, where the draft does not fit them.</summary>
    async Task<Policy> PolicyOfAsync(
        BacktestInput input,
        string setSha256,
        CancellationToken cancellation
    )
    {
        if (compiled.TryGetValue(setSha256, out var known))
            return known;
        var then = await policies.UsedAsync(connection, organisationId, setSha256, cancellation);
        var load = input.Draft.Beside(then) as PolicyLoad.Loaded;
        if (load is null)
            setsLeftOut++;
        return compiled[setSha256] = load?.Policy ?? input.Loaded;
    }

    LiveCorrelator Successor(BacktestInput input, Policy policy, LiveCorrelator? predecessor)
    {
        var rules = input
            .Changed.Select(rule => policy.Rules.First(r => r.Name == rule.Name))
            .SelectMany(rule => rule.With(policy.Rules))
            .Distinct()
            .ToList();
        var next = new LiveCorrelator(policy.Fields, rules, organisationId);
        if (predecessor is not null)
            next.Restore(predecessor.Save());
        return next;
    }

    /// <summary>What came before the time may be a part of what is found in it, or have silenced it.</summary>
    static TimeSpan LeadIn(BacktestInput input)
    {
        var wanted = input
            .Changed.Select(rule =>
                LiveCorrelator.HorizonOf(rule, input.Loaded.Rules) + (rule.Once?.In ?? default)
            )
            .Append(TimeSpan.Zero)
            .Max();
        return wanted < leadInMax ? wanted : leadInMax;
    }
}

/// <param name="Loaded">The draft among the active policies.</param>
/// <param name="Changed">The rules of it that are tried.</param>
sealed record BacktestInput(
    DraftPolicies Draft,
    PolicySet Active,
    Policy Loaded,
    IReadOnlyList<RuleDeclaration> Changed,
    TimeRange Range
);

/// <param name="Events">Of each day (UTC) that has any.</param>
/// <param name="SetsLeftOut">Sets of policies of those days with which the draft does not load.</param>
sealed record BacktestRead(
    IReadOnlyDictionary<DateOnly, long> Events,
    long Unparsed,
    int SetsLeftOut
);
