using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Modules;

/// <summary>One record that a module delivered, and where it went.</summary>
/// <param name="OutsideId">The module's own id of its finding.</param>
/// <param name="NotMapped">What no mapping knew, and what it was taken for.</param>
/// <param name="AssetsProposed">Names of assets that are not registered, or that several have: a person decides.</param>
public sealed record ModuleReceipt(
    Guid Id,
    string Module,
    string OutsideId,
    string RecordSha256,
    Guid CaseId,
    Guid EvidenceId,
    Guid FindingId,
    string FindingType,
    int Severity,
    IReadOnlyList<string> NotMapped,
    IReadOnlyList<string> AssetsProposed,
    string? MappingName,
    string? MappingSha256,
    DateTimeOffset ReceivedAt
);

static class ModuleStore
{
    const string Selected = """
        SELECT id, module, outside_id, record_sha256, case_id, evidence_id, finding_id, finding_type,
            severity, not_mapped, assets_proposed, mapping_name, mapping_sha256, received_at
        FROM psa.module_receipts

        """;

    public static async Task<ModuleReceipt?> FindAsync(
        PresentedTransaction work,
        string module,
        string outsideId,
        string recordSha256,
        CancellationToken cancellation
    )
    {
        const string where = """
            WHERE organisation_id = $1 AND module = $2 AND outside_id = $3 AND record_sha256 = $4
            """;
        var found = await ReadAsync(
            work,
            where,
            [work.Actor.OrganisationId, module, outsideId, recordSha256],
            cancellation
        );
        return found.SingleOrDefault();
    }

    /// <summary>In the order in which they came.</summary>
    public static Task<IReadOnlyList<ModuleReceipt>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        ReadAsync(
            work,
            "WHERE organisation_id = $1 AND case_id = $2 ORDER BY received_at, id",
            [work.Actor.OrganisationId, caseId],
            cancellation
        );

    public static async Task InsertAsync(
        PresentedTransaction work,
        ModuleReceipt receipt,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.module_receipts (id, organisation_id, module, outside_id, record_sha256,
                case_id, evidence_id, finding_id, finding_type, severity, not_mapped, assets_proposed,
                mapping_name, mapping_sha256, received_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """;
        await using var command = work.Command(sql)
            .With(
                receipt.Id,
                work.Actor.OrganisationId,
                receipt.Module,
                receipt.OutsideId,
                receipt.RecordSha256,
                receipt.CaseId,
                receipt.EvidenceId,
                receipt.FindingId,
                receipt.FindingType,
                receipt.Severity,
                receipt.NotMapped.ToArray(),
                receipt.AssetsProposed.ToArray(),
                receipt.MappingName,
                receipt.MappingSha256,
                receipt.ReceivedAt
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The machine's name where a machine asks, else null.</summary>
    public static async Task<string?> MachineAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT name FROM psa.machines WHERE id = $1";
        await using var command = work.Command(sql).With(work.Actor.Id);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Active assets that any of the names may mean.</summary>
    public static async Task<IReadOnlyList<NamedAsset>> AssetsAsync(
        PresentedTransaction work,
        IReadOnlyCollection<string> names,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, name, external_ref, names, criticality FROM psa.assets
            WHERE organisation_id = $1 AND status = 'active' AND (external_ref = ANY ($2)
                OR lower(name) = ANY ($3)
                OR EXISTS (SELECT FROM unnest(names) AS known WHERE lower(known) = ANY ($3)))
            ORDER BY id
            """;
        await using var command = work.Command(sql)
            .With(
                work.Actor.OrganisationId,
                names.ToArray(),
                names.Select(name => name.ToLowerInvariant()).ToArray()
            );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<NamedAsset> assets = [];
        while (await reader.ReadAsync(cancellation))
            assets.Add(
                new NamedAsset(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.TextOrNull(2),
                    reader.GetFieldValue<string[]>(3),
                    reader.GetInt32(4)
                )
            );
        return assets;
    }

    static async Task<IReadOnlyList<ModuleReceipt>> ReadAsync(
        PresentedTransaction work,
        string where,
        object[] values,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + where).With(values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<ModuleReceipt> receipts = [];
        while (await reader.ReadAsync(cancellation))
            receipts.Add(
                new ModuleReceipt(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetGuid(4),
                    reader.GetGuid(5),
                    reader.GetGuid(6),
                    reader.GetString(7),
                    reader.GetInt32(8),
                    reader.GetFieldValue<string[]>(9),
                    reader.GetFieldValue<string[]>(10),
                    reader.TextOrNull(11),
                    reader.TextOrNull(12),
                    reader.GetFieldValue<DateTimeOffset>(13)
                )
            );
        return receipts;
    }
}

/// <summary>An asset by everything that it is called.</summary>
sealed record NamedAsset(
    Guid Id,
    string Name,
    string? ExternalRef,
    IReadOnlyList<string> Names,
    int Criticality
)
{
    /// <summary>Its id elsewhere is exact; host names are not.</summary>
    public bool IsCalled(string name) =>
        string.Equals(Name, name, StringComparison.OrdinalIgnoreCase)
        || Names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
