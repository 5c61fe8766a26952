using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

public sealed record DispositionMade(
    Disposition Disposition,
    string Reason,
    Guid DecidedBy,
    DateTimeOffset DecidedAt
);

public sealed record SeverityDecided(
    int Severity,
    string Reason,
    Guid DecidedBy,
    DateTimeOffset DecidedAt
);

/// <summary>What people decided about a case, read back.</summary>
static class DecisionStore
{
    public static async Task<IReadOnlyList<CaseAttestation>> AttestationsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, case_id, attested_by, as_role, statement, attested_at
            FROM psa.attestations WHERE case_id = $1 ORDER BY attested_at, id
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseAttestation> attestations = [];
        while (await reader.ReadAsync(cancellation))
            attestations.Add(
                new CaseAttestation(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetGuid(2),
                    reader.GetString(3),
                    reader.GetString(4),
                    reader.GetFieldValue<DateTimeOffset>(5)
                )
            );
        return attestations;
    }

    public static async Task<IReadOnlyList<DispositionMade>> DispositionsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT disposition, reason, decided_by, decided_at
            FROM psa.case_dispositions WHERE case_id = $1 ORDER BY decided_at, id
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<DispositionMade> made = [];
        while (await reader.ReadAsync(cancellation))
            made.Add(
                new DispositionMade(
                    RowStore.State<Disposition>(reader.GetString(0)),
                    reader.GetString(1),
                    reader.GetGuid(2),
                    reader.GetFieldValue<DateTimeOffset>(3)
                )
            );
        return made;
    }

    public static async Task<IReadOnlyList<SeverityDecided>> SeveritiesAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT severity, reason, decided_by, decided_at
            FROM psa.case_severities WHERE case_id = $1 ORDER BY decided_at, id
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<SeverityDecided> decided = [];
        while (await reader.ReadAsync(cancellation))
            decided.Add(
                new SeverityDecided(
                    reader.GetInt32(0),
                    reader.GetString(1),
                    reader.GetGuid(2),
                    reader.GetFieldValue<DateTimeOffset>(3)
                )
            );
        return decided;
    }

    public static async Task<IReadOnlyDictionary<Guid, string>> NamesAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, display_name FROM psa.users UNION ALL SELECT id, name FROM psa.machines
            """;
        await using var command = work.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<Guid, string> names = [];
        while (await reader.ReadAsync(cancellation))
            names[reader.GetGuid(0)] = reader.GetString(1);
        return names;
    }
}
