using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>The log of the clocks. Entries that follow from other rows are written by triggers.</summary>
static class SlaStore
{
    /// <summary>Starts the clocks of a case under this very version of the policy.</summary>
    public static async Task StartAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaTerms terms,
        DateTimeOffset start,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_sla (case_id, organisation_id, sla_id, started_at, response_due_at,
                resolution_due_at)
            VALUES ($1, $2, $3, $4, $4, $4)
            """;
        var slaId = await PolicyAsync(work, terms, start, cancellation);
        await using (
            var command = work.Command(sql).With(caseId, work.Actor.OrganisationId, slaId, start)
        )
            await command.ExecuteNonQueryAsync(cancellation);
        var entry = new SlaEntry(1, start, SlaEntryKind.Started, terms, null, null, work.Actor.Id);
        await AppendAsync(work, caseId, entry, slaId, cancellation);
    }

    public static async Task ChangeAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaTerms terms,
        string reason,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        var slaId = await PolicyAsync(work, terms, at, cancellation);
        var entry = new SlaEntry(0, at, SlaEntryKind.Changed, terms, null, reason, work.Actor.Id);
        await AppendAsync(work, caseId, entry, slaId, cancellation);
    }

    /// <summary>By a person: a policy's own pauses follow from tasks and approvals.</summary>
    public static Task PauseAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaEntryKind kind,
        string reason,
        DateTimeOffset at,
        CancellationToken cancellation
    ) =>
        AppendAsync(
            work,
            caseId,
            new SlaEntry(0, at, kind, null, SlaEntry.ByPerson, reason, work.Actor.Id),
            null,
            cancellation
        );

    /// <summary>Empty where no clock was ever started.</summary>
    public static async Task<IReadOnlyList<SlaEntry>> LogAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT sequence, at, kind, terms::text, cause, reason, created_by
            FROM psa.sla_entries WHERE case_id = $1 ORDER BY sequence
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<SlaEntry> log = [];
        while (await reader.ReadAsync(cancellation))
            log.Add(
                new SlaEntry(
                    reader.GetInt32(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    RowStore.State<SlaEntryKind>(reader.GetString(2)),
                    reader.TextOrNull(3) is { } terms ? SlaTerms.Read(terms) : null,
                    reader.TextOrNull(4),
                    reader.TextOrNull(5),
                    reader.GetGuid(6)
                )
            );
        return log;
    }

    /// <summary>As they stand at that moment, or null where the case has none.</summary>
    public static async Task<CaseSla?> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var log = await LogAsync(work, caseId, cancellation);
        return log.Count == 0 ? null : CaseSla.Of(log, now);
    }

    static async Task AppendAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaEntry entry,
        Guid? slaId,
        CancellationToken cancellation
    )
    {
        foreach (var queue in entry.Terms?.Steps.Select(step => step.Queue).OfType<string>() ?? [])
            await QueueAsync(work, queue, entry.At, cancellation);
        // The guard gives the next sequence.
        const string sql = """
            INSERT INTO psa.sla_entries (organisation_id, case_id, sequence, at, kind, sla_id, terms,
                cause, reason, created_by)
            VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, entry.At, entry.Kind.Word(), slaId);
        command.Parameters.Add(
            new NpgsqlParameter
            {
                Value = (object?)entry.Terms?.Write() ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            }
        );
        command.With(entry.Cause, entry.Reason, entry.By);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Where a step may send the case one day.</summary>
    static async Task QueueAsync(
        PresentedTransaction work,
        string queue,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.queues (id, organisation_id, name, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (organisation_id, name) DO NOTHING
            """;
        await using var command = work.Command(sql)
            .With(Guid.CreateVersion7(now), work.Actor.OrganisationId, queue, now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<Guid> PolicyAsync(
        PresentedTransaction work,
        SlaTerms terms,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH made AS (
                INSERT INTO psa.sla_policies (id, organisation_id, name, response_minutes,
                    resolution_minutes, warn_at_percent, calendar, policy_sha256, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (organisation_id, name, policy_sha256) DO NOTHING RETURNING id)
            SELECT id FROM made
            UNION ALL SELECT id FROM psa.sla_policies
            WHERE organisation_id = $2 AND name = $3 AND policy_sha256 = $8
            """;
        await using NpgsqlCommand command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                terms.Name,
                terms.ResponseMinutes,
                terms.ResolutionMinutes,
                terms.WarnAtPercent,
                terms.Calendar,
                terms.PolicySha256,
                now
            );
        // None at first: another made it meanwhile, which only the next statement sees.
        return (Guid)
            (
                await command.ExecuteScalarAsync(cancellation)
                ?? await command.ExecuteScalarAsync(cancellation)
            )!;
    }
}
