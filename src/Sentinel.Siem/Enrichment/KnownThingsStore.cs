using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>What a batch is enriched with: assets, and the accounts that its events name.</summary>
static class KnownThingsStore
{
    const int AccountCharsMax = 1024;

    /// <summary>Accounts that nobody has seen before become identities here, with derived ids.</summary>
    public static async Task<KnownThings> LoadAsync(
        PresentedTransaction work,
        FieldTable fields,
        IReadOnlyList<Reading> readings,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var names = AccountsIn(fields, readings);
        await AddSeenAsync(work, names, now, cancellation);
        return new KnownThings(
            await AssetsAsync(work, cancellation),
            await IdentitiesAsync(work, names, cancellation)
        );
    }

    static string[] AccountsIn(FieldTable fields, IReadOnlyList<Reading> readings)
    {
        var ordinals = new[] { "user", "target_user" }
            .Select(fields.Find)
            .OfType<Field>()
            .Select(field => field.Ordinal)
            .ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reading in readings.OfType<Reading.Normalised>())
        foreach (var ordinal in ordinals)
            if (
                reading.Event[ordinal] is string { Length: > 0 and <= AccountCharsMax } name
                && Storable.Text(name) == name
            )
                names.Add(name);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    static async Task AddSeenAsync(
        PresentedTransaction work,
        string[] names,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.identities (organisation_id, id, account_name, origin, updated_at)
            SELECT $1, n.id, n.name, 'seen', $4 FROM unnest($2, $3) AS n (id, name)
            WHERE NOT EXISTS (SELECT FROM siem.identities i
                WHERE i.organisation_id = $1 AND i.account_name = n.name)
            ON CONFLICT DO NOTHING
            """;
        if (names.Length == 0)
            return;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(
            names.Select(name => IdOf(work.Actor.OrganisationId, name)).ToArray()
        );
        command.Parameters.AddWithValue(names);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<List<KnownIdentity>> IdentitiesAsync(
        PresentedTransaction work,
        string[] names,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, account_name, role, origin, updated_at FROM siem.identities
            WHERE organisation_id = $1 AND account_name = ANY ($2) AND active
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(names);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new List<KnownIdentity>(names.Length);
        while (await reader.ReadAsync(cancellation))
            known.Add(
                new KnownIdentity(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2),
                    $"siem.identities, {reader.GetString(3)}, as of "
                        + StableJson.TimeText(reader.GetFieldValue<DateTimeOffset>(4))
                )
            );
        return known;
    }

    static async Task<List<KnownAsset>> AssetsAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, name, names, criticality, updated_at FROM siem.assets
            WHERE organisation_id = $1 AND active
            ORDER BY id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new List<KnownAsset>();
        while (await reader.ReadAsync(cancellation))
            known.Add(
                new KnownAsset(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetFieldValue<string[]>(2),
                    reader.GetInt32(3),
                    "siem.assets, as of "
                        + StableJson.TimeText(reader.GetFieldValue<DateTimeOffset>(4))
                )
            );
        return known;
    }

    static Guid IdOf(Guid organisationId, string accountName) =>
        DerivedId.From(
            DateTimeOffset.UnixEpoch,
            [
                .. organisationId.ToByteArray(bigEndian: true),
                .. Encoding.UTF8.GetBytes("identity"),
                .. Encoding.UTF8.GetBytes(accountName),
            ]
        );
}
