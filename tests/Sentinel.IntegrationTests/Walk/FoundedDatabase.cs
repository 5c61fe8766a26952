using Sentinel.IntegrationTests.Cli;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Server.Database;

namespace Sentinel.IntegrationTests.Walk;

/// <summary>
/// A database with its first organisation, the shipped policies and workflows; the real program works
/// on it in processes of their own, and a superuser looks at what they left.
/// </summary>
sealed class FoundedDatabase : IAsyncDisposable
{
    // Everything that detection and the dock write, without the ids that differ between organisations.
    public const string Traces = """
        SELECT string_agg(trace, E'\n' ORDER BY trace) FROM (
            SELECT 'raw ' || line || ' ' || payload_hash || ' ' || delivery AS trace
            FROM siem.raw_events
            UNION ALL
            SELECT 'event ' || event_type || ' ' || event_time || ' ' || repeated || ' ' || count(*)
            FROM siem.events GROUP BY event_type, event_time, repeated
            UNION ALL
            SELECT 'failure ' || reason || ' ' || count(*) FROM siem.ingest_failures GROUP BY reason
            UNION ALL
            SELECT 'hit ' || r.name || ' ' || h.stage || ' ' || h.key || ' ' || h.first_time || ' '
                || h.last_time || ' ' || h.event_count || ' ' || h.confidence || ' ' || h.reasons
            FROM siem.correlation_hits h
            JOIN siem.correlation_rules r ON r.organisation_id = h.organisation_id AND r.id = h.rule_id
            UNION ALL
            SELECT 'settled ' || outcome || ' ' || count(*) FROM siem.hit_settlements GROUP BY outcome
            UNION ALL
            SELECT 'finding ' || f.finding_type || ' ' || f.severity || ' ' || f.confidence || ' '
                || f.status || ' ' || f.summary || ' '
                || (SELECT count(*) FROM siem.finding_events e WHERE e.finding_id = f.id) || ' '
                || (SELECT count(*) FROM siem.evidence_packages p WHERE p.finding_id = f.id)
            FROM siem.siem_findings f
            UNION ALL
            SELECT 'case ' || c.case_type || ' ' || c.severity || ' ' || c.status || ' ' || c.summary
                || ' ' || (SELECT count(*) FROM psa.evidence_items e WHERE e.case_id = c.id)
                || ' ' || (SELECT count(*) FROM psa.case_sla s WHERE s.case_id = c.id)
                || ' ' || (c.finding_id IN (SELECT id FROM siem.siem_findings WHERE psa_case_id = c.id))
            FROM psa.cases c
            UNION ALL
            SELECT 'task ' || task_type || ' ' || status || ' ' || description FROM psa.tasks
        ) AS traces
        """;

    FoundedDatabase(TestDatabase database) => Database = database;

    public TestDatabase Database { get; }

    public static async Task<FoundedDatabase> CreateAsync()
    {
        var database = await TestDatabase.CreateAsync();
        await Founding.FoundAsync(
            database.SuperuserConnectionString,
            database.Data,
            Founding.Default,
            TestContext.Current.CancellationToken
        );
        return new FoundedDatabase(database);
    }

    /// <summary>The program, killed where asked: null for not at all.</summary>
    public Task<Ran> RunAsync(string? killAt, params string[] arguments) =>
        Launched.RunAsync(
            new Dictionary<string, string?>
            {
                ["SENTINEL_DATABASE"] = Database.ConnectionString,
                ["SENTINEL_DATA"] = Database.Data.Path,
                [CrashPoint.Variable] = killAt ?? "",
            },
            arguments
        );

    public Task<string> TracesAsync() => Database.AskAsSuperuserAsync<string>(Traces);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
