using NpgsqlTypes;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.ReferenceData;

/// <summary>
/// Takes what casework knows about assets, accounts and legal holds. The latest state replaces the one
/// before; the audit log keeps both.
/// </summary>
public sealed class ApplyReferenceData(
    SentinelDatabase database,
    MachineSecrets machines,
    TimeProvider clock
) : IReferenceData
{
    public async Task ApplyAsync(
        Sentinel.Contract.ReferenceData change,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            machines.For(change.OrganisationId, "siem"),
            cancellation
        );
        var now = MicrosecondClock.Truncate(clock.GetUtcNow());
        switch (change)
        {
            case Sentinel.Contract.ReferenceData.Asset asset:
                await ApplyAsync(work, asset, now, cancellation);
                break;
            case Sentinel.Contract.ReferenceData.Identity identity:
                await ApplyAsync(work, identity, now, cancellation);
                break;
            case Sentinel.Contract.ReferenceData.LegalHold hold:
                await ApplyAsync(work, hold, now, cancellation);
                break;
        }
        await work.CommitAsync(cancellation);
    }

    static async Task ApplyAsync(
        PresentedTransaction work,
        Sentinel.Contract.ReferenceData.Asset asset,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.assets AS a (organisation_id, id, asset_type, name, names, criticality, active,
                updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (organisation_id, id) DO UPDATE SET asset_type = excluded.asset_type,
                name = excluded.name, names = excluded.names, criticality = excluded.criticality,
                active = excluded.active, updated_at = excluded.updated_at
            WHERE (a.asset_type, a.name, a.names, a.criticality, a.active) IS DISTINCT FROM
                (excluded.asset_type, excluded.name, excluded.names, excluded.criticality, excluded.active)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(asset.Id);
        command.Parameters.AddWithValue(asset.AssetType);
        command.Parameters.AddWithValue(asset.Name);
        command.Parameters.AddWithValue(asset.Names.ToArray());
        command.Parameters.AddWithValue(asset.Criticality);
        command.Parameters.AddWithValue(asset.Active);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>An account that was seen in logs before keeps its id: its name finds it.</summary>
    static async Task ApplyAsync(
        PresentedTransaction work,
        Sentinel.Contract.ReferenceData.Identity identity,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH known AS (
                UPDATE siem.identities i SET account_name = $3, role = $4, active = $5,
                    origin = 'imported', updated_at = $6
                WHERE organisation_id = $1 AND (id = $2 OR account_name = $3 AND NOT EXISTS (
                    SELECT FROM siem.identities o WHERE o.organisation_id = $1 AND o.id = $2))
                RETURNING id
            )
            INSERT INTO siem.identities (organisation_id, id, account_name, role, active, origin, updated_at)
            SELECT $1, $2, $3, $4, $5, 'imported', $6 WHERE NOT EXISTS (SELECT FROM known)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(identity.Id);
        command.Parameters.AddWithValue(identity.AccountName);
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlDbType.Text,
                Value = (object?)identity.Role ?? DBNull.Value,
            }
        );
        command.Parameters.AddWithValue(identity.Active);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task ApplyAsync(
        PresentedTransaction work,
        Sentinel.Contract.ReferenceData.LegalHold hold,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.legal_holds (organisation_id, id, held_from, held_until, active, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (organisation_id, id) DO UPDATE SET held_from = excluded.held_from,
                held_until = excluded.held_until, active = excluded.active,
                updated_at = excluded.updated_at
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(hold.Id);
        command.Parameters.AddWithValue(hold.From.ToUniversalTime());
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlDbType.TimestampTz,
                Value = (object?)hold.Until?.ToUniversalTime() ?? DBNull.Value,
            }
        );
        command.Parameters.AddWithValue(hold.Active);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
