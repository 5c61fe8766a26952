using Microsoft.Extensions.Logging;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Failures;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;
using Sentinel.Siem.Replay;
using Sentinel.Siem.Rules;
using Sentinel.Siem.Sources;

namespace Sentinel.Siem;

/// <summary>
/// The path of one batch of records, from bytes to findings: start here. Everything up to the finding is
/// committed in one transaction or not at all; then each new finding is judged.
/// </summary>
public sealed class EventPath(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents,
    EscalateFinding escalate,
    GeoDatabase? geo,
    TimeProvider clock,
    ILogger<EventPath> log
)
{
    const int AttemptsMax = 5;

    readonly CorrelatorInHand windows = new(policies, rawEvents);

    /// <summary>Where a process may die; every one of them is a crash point.</summary>
    public static IReadOnlyList<string> Stations { get; } =
    [
        Station.Normalised,
        Station.DaysPrepared,
        Station.Accepted,
        Station.RawStored,
        Station.FailuresStored,
        Station.EventsStored,
        Station.Correlated,
        Station.FindingsRaised,
        Station.Committed,
        .. EscalateFinding.Stations,
    ];

    static class Station
    {
        public const string Normalised = "siem.normalised";
        public const string DaysPrepared = "siem.days_prepared";
        public const string Accepted = "siem.accepted";
        public const string RawStored = "siem.raw_stored";
        public const string FailuresStored = "siem.failures_stored";
        public const string EventsStored = "siem.events_stored";
        public const string Correlated = "siem.correlated";
        public const string FindingsRaised = "siem.findings_raised";
        public const string Committed = "siem.committed";
    }

    /// <returns>
    /// What was written; or null where another process accepted these positions in the meantime, and the
    /// caller has to look again at how far the input was committed.
    /// </returns>
    internal async Task<IngestCounts?> RunAsync(
        Secret secret,
        IngestBatch batch,
        NormaliserOptions options,
        CancellationToken cancellation
    )
    {
        using var story = log.BeginScope("{CorrelationId}", batch.CorrelationId);
        for (var attempt = 1; ; attempt++)
        {
            var set = await ActivePoliciesAsync(secret, cancellation);
            var readings = NormaliserOf(set, options).Normalise(batch.Raw);
            CrashPoint.Reach(Station.Normalised);
            await DayStore.PrepareAsync(
                database.Siem,
                readings.Select(reading => reading.KeyTime),
                cancellation
            );
            CrashPoint.Reach(Station.DaysPrepared);
            var committed = await CommitAsync(secret, batch, options, set, readings, cancellation);
            if (committed is Commit.PolicyChanged && attempt < AttemptsMax)
                continue;
            if (committed is not Commit.Done done)
                return null;
            foreach (var findingId in done.Findings)
                await escalate.JudgeAsync(secret, findingId, cancellation);
            return done.Counts;
        }
    }

    /// <summary>Who delivers, as what all of its records have in common; or why this credential may not.</summary>
    internal async Task<(InputOrigin? Origin, string? Refusal)> OpenSourceAsync(
        Secret secret,
        string name,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "event.ingest", cancellation) is { } refusal)
            return (null, refusal);
        await BatchStore.LockWriterAsync(work, cancellation);
        var source = await InputStore.RegisterSourceAsync(work, name, now, cancellation);
        await work.CommitAsync(cancellation);
        return (
            new InputOrigin(
                work.Actor.OrganisationId,
                source.Id,
                source.SourceSystem,
                source.Id.ToString(),
                Environment.MachineName
            ),
            null
        );
    }

    /// <summary>Judges what a crash left unjudged, of the presented organisation.</summary>
    public async Task<int> JudgeRemainingAsync(Secret secret, CancellationToken cancellation)
    {
        IReadOnlyList<Guid> unjudged;
        await using (
            var work = await PresentedTransaction.BeginAsync(database.Siem, secret, cancellation)
        )
            unjudged = await FindingStore.UnjudgedAsync(work, cancellation);
        foreach (var findingId in unjudged)
            await escalate.JudgeAsync(secret, findingId, cancellation);
        return unjudged.Count;
    }

    /// <summary>Writes the windows down at the end of a load, so that the next start has them at once.</summary>
    internal async Task SaveWindowsAsync(Secret secret, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        var number = await BatchStore.NextNumberAsync(work, cancellation);
        await windows.SaveAsync(work, number, cancellation);
        await work.CommitAsync(cancellation);
    }

    /// <summary>Time has passed: what the watermark makes certain fires, and is committed as a tick.</summary>
    public async Task<IngestCounts> TickAsync(Secret secret, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        var now = MicrosecondClock.Truncate(clock.GetUtcNow());
        var number = await BatchStore.NextNumberAsync(work, cancellation);
        var set = await policies.ActiveAsync(work, cancellation);
        var reached = await windows.TakeAsync(work, set, number, cancellation);
        var outcome = reached.Correlator.Advance(now);
        // A tick that changes nothing leaves no trace: what time did to the windows is forgotten.
        if (outcome.Changes.Count + outcome.Excepted.Count == 0)
        {
            await work.CommitAsync(cancellation);
            return new IngestCounts();
        }
        await FollowRulesAsync(work, set, now, cancellation);
        var tick = Row(number, null, [], Guid.CreateVersion7(now), now, false, set, []);
        await BatchStore.TryInsertAsync(work, tick, cancellation);
        var raised = await RaiseFinding.RunAsync(
            work,
            outcome,
            number,
            tick.CorrelationId,
            now,
            cancellation
        );
        reached = await CorrelatorInHand.SaveAsync(work, reached, number, cancellation);
        await work.CommitAsync(cancellation);
        windows.Keep(work.Actor.OrganisationId, reached);
        foreach (var findingId in raised.Findings)
            await escalate.JudgeAsync(secret, findingId, cancellation);
        log.MatchesExcepted(number, raised.Excepted);
        return new IngestCounts
        {
            Hits = raised.Hits,
            Findings = raised.Findings.Count,
            Excepted = raised.Excepted,
        };
    }

    /// <summary>One transaction: positions, raw, failures, events, windows, hits, findings, audit.</summary>
    async Task<Commit> CommitAsync(
        Secret secret,
        IngestBatch batch,
        NormaliserOptions options,
        PolicySet set,
        IReadOnlyList<Reading> readings,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        var organisationId = work.Actor.OrganisationId;
        var now = batch.Raw[0].ReceivedAt;
        var number = await BatchStore.NextNumberAsync(work, cancellation);
        if ((await policies.ActiveAsync(work, cancellation)).Sha256 != set.Sha256)
            return new Commit.PolicyChanged();
        await FollowRulesAsync(work, set, now, cancellation);
        await InputStore.AdvanceAsync(work, batch, now, cancellation);
        var row = Row(
            number,
            batch.Input,
            batch.Raw,
            batch.CorrelationId,
            now,
            batch.Raw[0].Live,
            set,
            readings
        ) with
        {
            ReadAs = ReadingOptions.Of(options),
        };
        if (!await BatchStore.TryInsertAsync(work, row, cancellation))
            return new Commit.Overtaken();
        CrashPoint.Reach(Station.Accepted);
        await AppendRawAsync(work, number, readings, cancellation);
        CrashPoint.Reach(Station.RawStored);
        List<Reading.Unreadable> unreadable = [.. readings.OfType<Reading.Unreadable>()];
        await FailureStore.AppendAsync(work, unreadable, number, now, cancellation);
        CrashPoint.Reach(Station.FailuresStored);
        var fields = set.Policy.Fields;
        var known = await KnownThingsStore.LoadAsync(work, fields, readings, now, cancellation);
        var enriched = new Enricher(fields, known, geo).Enrich(readings);
        List<EventRow> rows = [.. enriched.Select(one => EventRow.From(one, fields))];
        await EventStore.AppendAsync(work.Connection, organisationId, rows, now, cancellation);
        await SourceActivityStore.NoteAsync(work, batch.Input.SourceId, rows, now, cancellation);
        CrashPoint.Reach(Station.EventsStored);
        var reached = await windows.TakeAsync(work, set, number, cancellation);
        var outcome = reached.Correlator.Correlate(enriched);
        reached = await CorrelatorInHand.SaveAsync(work, reached, number, cancellation);
        CrashPoint.Reach(Station.Correlated);
        var raised = await RaiseFinding.RunAsync(
            work,
            outcome,
            number,
            batch.CorrelationId,
            now,
            cancellation
        );
        CrashPoint.Reach(Station.FindingsRaised);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(Station.Committed);
        windows.Keep(organisationId, reached);
        log.MatchesExcepted(number, raised.Excepted);
        log.BatchCommitted(number, batch.Raw.Count, rows.Count, raised.Hits, batch.CorrelationId);
        return new Commit.Done(CountsOf(row, raised), raised.Findings);
    }

    async Task<PolicySet> ActivePoliciesAsync(Secret secret, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        return await policies.ActiveAsync(work, cancellation);
    }

    async Task AppendRawAsync(
        PresentedTransaction work,
        long number,
        IReadOnlyList<Reading> readings,
        CancellationToken cancellation
    )
    {
        try
        {
            var rows = Stored(readings).ToList();
            await rawEvents.AppendAsync(work.Connection, number, rows, cancellation);
        }
        catch (PostgresException clash) when (clash.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new InvalidOperationException(
                "A record has the id of another one that was received before: " + clash.Detail,
                clash
            );
        }
    }

    static IEnumerable<StoredRawEvent> Stored(IReadOnlyList<Reading> readings) =>
        readings.Select(one => new StoredRawEvent(
            one.RawEventId,
            one.KeyTime,
            one.EventTime,
            one.Raw
        ));

    static Task FollowRulesAsync(
        PresentedTransaction work,
        PolicySet set,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var builtIn = OperationalRules.All(set.Policy.Fields);
        return RuleStore.FollowAsync(work, set, builtIn, now, cancellation);
    }

    static Normaliser NormaliserOf(PolicySet set, NormaliserOptions options) =>
        new(set.Policy.Fields, set.Policy.Sources, options);

    static BatchRow Row(
        long number,
        Input? input,
        IReadOnlyList<RawEvent> raw,
        Guid correlationId,
        DateTimeOffset now,
        bool live,
        PolicySet set,
        IReadOnlyList<Reading> readings
    ) =>
        new(
            number,
            input,
            raw,
            correlationId,
            raw.Count > 0 ? raw[0].IngestionNode : Environment.MachineName,
            now,
            live,
            readings.OfType<Reading.Normalised>().Count(),
            readings.OfType<Reading.Unreadable>().Count(),
            readings.OfType<Reading.Redelivered>().Count(),
            set.Sha256,
            BatchRoot.Of(Stored(readings))
        );

    static IngestCounts CountsOf(BatchRow row, RaiseOutcome raised) =>
        new()
        {
            RawEvents = row.Raw.Count,
            Events = row.Events,
            Unparsed = row.Unparsed,
            Duplicates = row.Duplicates,
            Hits = raised.Hits,
            Findings = raised.Findings.Count,
            Excepted = raised.Excepted,
        };

    abstract record Commit
    {
        public sealed record Done(IngestCounts Counts, IReadOnlyList<Guid> Findings) : Commit;

        public sealed record PolicyChanged : Commit;

        public sealed record Overtaken : Commit;
    }
}
