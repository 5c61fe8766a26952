using System.Text.Json;
using NpgsqlTypes;
using Sentinel.Contract;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Escalation;

/// <summary>Decisions, escalations on their way, and receipts.</summary>
static class OutboxStore
{
    public static async Task<bool> IsDecidedAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT EXISTS (SELECT FROM siem.escalation_decisions
                WHERE organisation_id = $1 AND finding_id = $2)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <param name="escalation">Which escalation decided, or null where none holds.</param>
    /// <param name="sha256">Of its text, or of the whole set where none holds.</param>
    public static async Task DecideAsync(
        PresentedTransaction work,
        Guid findingId,
        string? escalation,
        string sha256,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.escalation_decisions (organisation_id, finding_id, escalation, policy_sha256,
                decided_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (organisation_id, finding_id) DO NOTHING
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)escalation ?? DBNull.Value }
        );
        command.Parameters.AddWithValue(sha256);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        Sentinel.Contract.Escalation escalation,
        string kind,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.outbox (organisation_id, escalation_id, finding_id, package_id, kind,
                escalation, created_at, next_attempt_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(escalation.Id);
        command.Parameters.AddWithValue(escalation.About.Id);
        command.Parameters.AddWithValue(escalation.Package.Id);
        command.Parameters.AddWithValue(kind);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, JsonSerializer.Serialize(escalation));
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The escalation of a row nobody else delivers now, held until the transaction ends.</summary>
    public static async Task<(Sentinel.Contract.Escalation Escalation, string Kind)?> ClaimAsync(
        PresentedTransaction work,
        Guid escalationId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT escalation::text, kind FROM siem.outbox
            WHERE organisation_id = $1 AND escalation_id = $2 AND delivered_at IS NULL
            FOR UPDATE SKIP LOCKED
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(escalationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (
                JsonSerializer.Deserialize<Sentinel.Contract.Escalation>(reader.GetString(0))!,
                reader.GetString(1)
            )
            : null;
    }

    public static async Task ReceiveAsync(
        PresentedTransaction work,
        EscalationReceipt receipt,
        Guid findingId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string receive = """
            INSERT INTO siem.escalation_receipts (organisation_id, escalation_id, finding_id, psa_case_id,
                received_at, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        const string deliver = """
            UPDATE siem.outbox SET delivered_at = $3 WHERE organisation_id = $1 AND escalation_id = $2
            """;
        await using var command = work.Command(receive);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(receipt.EscalationId);
        command.Parameters.AddWithValue(findingId);
        command.Parameters.AddWithValue(receipt.CaseId);
        command.Parameters.AddWithValue(receipt.ReceivedAt.ToUniversalTime());
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
        await using var delivered = work.Command(deliver);
        delivered.Parameters.AddWithValue(work.Actor.OrganisationId);
        delivered.Parameters.AddWithValue(receipt.EscalationId);
        delivered.Parameters.AddWithValue(now);
        await delivered.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The latest signed head of Siem's audit log, or null before the first.</summary>
    public static async Task<SignedHead?> HeadAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT note FROM siem.audit_checkpoints ORDER BY tree_size DESC LIMIT 1
            """;
        await using var command = work.Command(sql);
        return await command.ExecuteScalarAsync(cancellation) is string note
            ? new SignedHead(note)
            : null;
    }

    public static async Task<EscalatedAsset?> AssetAsync(
        PresentedTransaction work,
        IReadOnlyList<Guid> assetIds,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT name, criticality FROM siem.assets
            WHERE organisation_id = $1 AND id = ANY ($2)
            ORDER BY criticality DESC, id LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(assetIds.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new EscalatedAsset(reader.GetString(0), reader.GetInt32(1))
            : null;
    }
}

/// <summary>Of the assets that a finding concerns, the most critical one.</summary>
sealed record EscalatedAsset(string Name, int Criticality);
