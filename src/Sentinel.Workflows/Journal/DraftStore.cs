using Sentinel.Postgres.Access;

namespace Sentinel.Workflows.Journal;

sealed record StoredDraft(int BasedOn, string Json);

/// <summary>What the presented person is drawing.</summary>
static class DraftStore
{
    /// <summary>Null where there is none, and where it is what it is based on, or became.</summary>
    public static async Task<StoredDraft?> FindAsync(
        PresentedTransaction work,
        string definitionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT d.based_on, d.json FROM workflow.workflow_drafts d
            WHERE d.organisation_id = $1 AND d.definition_id = $2 AND d.person_id = $3
                AND d.json IS DISTINCT FROM (
                    SELECT json FROM (
                        SELECT json, false AS shipped FROM workflow.workflow_definitions
                        WHERE organisation_id = $1 AND definition_id = $2 AND version = d.based_on
                        UNION ALL
                        SELECT json, true FROM workflow.shipped_definitions
                        WHERE definition_id = $2 AND version = d.based_on) AS base
                    ORDER BY shipped LIMIT 1)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(work.Actor.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new StoredDraft(reader.GetInt32(0), reader.GetString(1))
            : null;
    }

    /// <summary>What was drawn has become that version.</summary>
    public static async Task SettleAsync(
        PresentedTransaction work,
        string definitionId,
        string json,
        int version,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_drafts SET based_on = $5, saved_at = $6
            WHERE organisation_id = $1 AND definition_id = $2 AND person_id = $3 AND json = $4
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(json);
        command.Parameters.AddWithValue(version);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task SaveAsync(
        PresentedTransaction work,
        string definitionId,
        StoredDraft draft,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_drafts AS d
                (id, organisation_id, definition_id, person_id, based_on, json, saved_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (organisation_id, definition_id, person_id)
                DO UPDATE SET based_on = excluded.based_on, json = excluded.json, saved_at = excluded.saved_at
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(draft.BasedOn);
        command.Parameters.AddWithValue(draft.Json);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
