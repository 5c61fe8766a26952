using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>Drafts of one's own, versions of the organisation, and what ships: only read here.</summary>
static class LibraryStore
{
    // What does not differ from the version that it is based on, or became, is no draft.
    const string Versions = """
        WITH own AS (
            SELECT d.*, p.approver_id, p.published_at
            FROM workflow.workflow_definitions d
            LEFT JOIN workflow.workflow_publications p
              ON p.organisation_id = d.organisation_id AND p.version_id = d.id
            WHERE d.organisation_id = $1
        ), every AS (
            SELECT definition_id, version, json, false AS shipped FROM own
            UNION ALL SELECT definition_id, version, json, true FROM workflow.shipped_definitions
        ), newest AS (
            SELECT DISTINCT ON (definition_id) definition_id, version FROM every
            ORDER BY definition_id, shipped, version DESC
        ), versions AS (
            SELECT d.id, d.definition_id, coalesce(n.version, 0) + 1 AS version, 'draft' AS state, false AS shipped,
                d.json, encode(sha256(convert_to(d.json, 'UTF8')), 'hex') AS sha256, d.person_id AS author_id,
                d.saved_at AS created_at, NULL::uuid AS approver_id, NULL::timestamptz AS published_at
            FROM workflow.workflow_drafts d LEFT JOIN newest n USING (definition_id)
            WHERE d.organisation_id = $1 AND d.person_id = $2 AND d.json IS DISTINCT FROM (
                SELECT e.json FROM every e WHERE e.definition_id = d.definition_id AND e.version = d.based_on
                ORDER BY e.shipped LIMIT 1)
            UNION ALL
            SELECT id, definition_id, version, CASE WHEN published_at IS NULL THEN 'proposed' ELSE 'published' END,
                false, json, sha256, author_id, created_at, approver_id, published_at FROM own
            UNION ALL
            SELECT id, definition_id, version, 'published', true, json, sha256, NULL, created_at, NULL, created_at
            FROM workflow.shipped_definitions
        )
        SELECT v.id, v.definition_id, v.version, v.state, v.shipped, v.sha256, a.display_name, v.created_at, b.display_name,
            v.published_at, v.json
        FROM versions v
        LEFT JOIN psa.users a ON a.organisation_id = $1 AND a.id = v.author_id
        LEFT JOIN psa.users b ON b.organisation_id = $1 AND b.id = v.approver_id
        """;

    /// <summary>By definition: the draft, then the organisation's own from the newest, then what ships.</summary>
    public static async Task<IReadOnlyList<LibraryText>> ReadAsync(
        PresentedTransaction work,
        string? definitionId,
        CancellationToken cancellation
    )
    {
        const string sql =
            Versions
            + """

                WHERE $3::text IS NULL OR v.definition_id = $3
                ORDER BY v.definition_id, v.shipped, v.state <> 'draft', v.version DESC
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, work.Actor.Id, definitionId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<LibraryText> all = [];
        while (await reader.ReadAsync(cancellation))
        {
            var json = reader.GetString(10);
            all.Add(new LibraryText(Entry(reader, json), json));
        }
        return
        [
            .. all.GroupBy(version => version.Entry.DefinitionId)
                .SelectMany(versions => Marked([.. versions])),
        ];
    }

    static IEnumerable<LibraryText> Marked(IReadOnlyList<LibraryText> versions)
    {
        var inForce = versions.FirstOrDefault(each => each.Entry.State == LibraryState.Published);
        return versions.Select(each =>
            each with
            {
                Entry = each.Entry with
                {
                    IsLatest = ReferenceEquals(each, versions[0]),
                    InForce = ReferenceEquals(each, inForce),
                },
            }
        );
    }

    static LibraryEntry Entry(NpgsqlDataReader reader, string json)
    {
        // Not by SQL: PostgreSQL refuses a text with U+0000, and a drawing may hold it.
        using var definition = JsonDocument.Parse(json);
        return new(
            reader.GetGuid(0),
            reader.GetString(1),
            Text(definition.RootElement, "name") ?? reader.GetString(1),
            Text(definition.RootElement, "description"),
            reader.GetInt32(2),
            RowStore.State<LibraryState>(reader.GetString(3)),
            reader.GetBoolean(4),
            reader.GetString(5),
            reader.TextOrNull(6),
            reader.GetFieldValue<DateTimeOffset>(7),
            reader.TextOrNull(8),
            reader.TimeOrNull(9)
        );
    }

    static string? Text(JsonElement definition, string member) =>
        definition.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
