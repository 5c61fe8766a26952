using Sentinel.Postgres.Access;

namespace Sentinel.Workflows.Journal;

sealed record StoredDraft(int BasedOn, string Json);

/// <summary>What the presented person is drawing.</summary>
static class DraftStore
{
    public static async Task<StoredDraft?> FindAsync(
        PresentedTransaction work,
        string definitionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT based_on, json FROM workflow.workflow_drafts
            WHERE organisation_id = $1 AND definition_id = $2 AND person_id = $3
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
