using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

static class OutboundStore
{
    const string Selected = """
        SELECT id, case_id, task_id, connector_id, action, arguments::text, status, asked_by, asked_at,
            deadline_at, attempts, next_attempt_at, sent_at, ended_at, outcome, evidence_id
        FROM psa.outbound_actions

        """;

    public static async Task<Connector?> ConnectorAsync(
        PresentedTransaction work,
        string name,
        CancellationToken cancellation
    ) => (await ConnectorsAsync(work, cancellation)).FirstOrDefault(one => one.Name == name);

    public static async Task<Connector> ConnectorAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    ) => (await ConnectorsAsync(work, cancellation)).First(one => one.Id == id);

    public static async Task<IReadOnlyList<Connector>> ConnectorsAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, name, kind, url, allow_private, sender FROM psa.connectors
            WHERE organisation_id = $1 ORDER BY name
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Connector> connectors = [];
        while (await reader.ReadAsync(cancellation))
            connectors.Add(
                new Connector(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    new Uri(reader.GetString(3)),
                    reader.GetBoolean(4),
                    reader.TextOrNull(5)
                )
            );
        return connectors;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        Connector connector,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.connectors (id, organisation_id, name, kind, url, allow_private,
                registered_by, registered_at, sender)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var command = work.Command(sql)
            .With(
                connector.Id,
                work.Actor.OrganisationId,
                connector.Name,
                connector.Kind,
                connector.Url.AbsoluteUri,
                connector.AllowPrivate,
                work.Actor.Id,
                now,
                connector.Sender
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        OutboundAction asked,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.outbound_actions (id, organisation_id, case_id, task_id, connector_id,
                action, arguments, asked_by, asked_at, deadline_at, next_attempt_at)
            VALUES ($1, $2, $3, $4, $5, $6, $11, $7, $8, $9, $10)
            """;
        await using var command = work.Command(sql)
            .With(
                asked.Id,
                work.Actor.OrganisationId,
                asked.CaseId,
                asked.TaskId,
                asked.ConnectorId,
                asked.Action,
                asked.AskedBy,
                asked.AskedAt,
                asked.DeadlineAt,
                asked.NextAttemptAt
            );
        command.Parameters.Add(
            new NpgsqlParameter
            {
                Value = asked.Arguments.ToJsonString(),
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            }
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<OutboundAction?> FindAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    ) =>
        (
            await ReadAsync(work, "WHERE organisation_id = $1 AND id = $2", id, cancellation)
        ).SingleOrDefault();

    /// <summary>The case and then the row, in the order in which everybody locks.</summary>
    public static async Task<OutboundAction?> LockAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT FROM psa.cases WHERE id = (SELECT case_id FROM psa.outbound_actions WHERE id = $1)
            FOR UPDATE
            """;
        await using (var lockCase = work.Command(sql).With(id))
            await lockCase.ExecuteNonQueryAsync(cancellation);
        var found = await ReadAsync(
            work,
            "WHERE organisation_id = $1 AND id = $2 FOR UPDATE",
            id,
            cancellation
        );
        return found.SingleOrDefault();
    }

    public static Task<IReadOnlyList<OutboundAction>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        ReadAsync(
            work,
            "WHERE organisation_id = $1 AND case_id = $2 ORDER BY asked_at, id",
            caseId,
            cancellation
        );

    /// <summary>Writes what changes on the way: everything that the machine moves.</summary>
    public static async Task UpdateAsync(
        PresentedTransaction work,
        OutboundAction now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.outbound_actions SET status = $2, attempts = $3, next_attempt_at = $4, sent_at = $5,
                ended_at = $6, outcome = $7, evidence_id = $8
            WHERE id = $1
            """;
        await using var command = work.Command(sql)
            .With(
                now.Id,
                now.Status.Word(),
                now.Attempts,
                now.NextAttemptAt,
                now.SentAt,
                now.EndedAt,
                now.Outcome,
                now.EvidenceId
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<IReadOnlyList<OutboundAction>> ReadAsync(
        PresentedTransaction work,
        string where,
        Guid id,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + where)
            .With(work.Actor.OrganisationId, id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<OutboundAction> actions = [];
        while (await reader.ReadAsync(cancellation))
            actions.Add(Read(reader));
        return actions;
    }

    static OutboundAction Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GuidOrNull(2),
            row.GetGuid(3),
            row.GetString(4),
            (JsonObject)JsonNode.Parse(row.GetString(5))!,
            RowStore.State<OutboundState>(row.GetString(6)),
            row.GetGuid(7),
            row.GetFieldValue<DateTimeOffset>(8),
            row.GetFieldValue<DateTimeOffset>(9),
            row.GetInt32(10),
            row.GetFieldValue<DateTimeOffset>(11),
            row.TimeOrNull(12),
            row.TimeOrNull(13),
            row.TextOrNull(14),
            row.GuidOrNull(15)
        );
}
