using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>
/// Settles the clocks at which something was to happen by now, for every organisation: warnings,
/// breaches and steps are written with their own moments, however late this runs.
/// </summary>
public sealed class RunClocks(
    SentinelDatabase database,
    MachineSecrets machines,
    TimeProvider clock
)
{
    const int ClocksMax = 1_000;

    /// <returns>How many marks were made.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var made = 0;
        List<Exception> failures = [];
        foreach (var (organisationId, caseId) in await DueAsync(now, cancellation))
            try
            {
                made += await SettleAsync(organisationId, caseId, now, cancellation);
            }
            catch (Exception failed) when (failed is NpgsqlException or CredentialRefusedException)
            {
                // One case that cannot be settled keeps no other waiting.
                failures.Add(failed);
            }
        return failures.Count == 0 ? made : throw new AggregateException(failures);
    }

    async Task<int> SettleAsync(
        Guid organisationId,
        Guid caseId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT FROM psa.cases WHERE id = $1 AND status <> 'closed' FOR UPDATE
            """;
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            machines.For(organisationId, "workflow"),
            cancellation
        );
        await using (var locked = work.Command(sql).With(caseId))
        await using (var reader = await locked.ExecuteReaderAsync(cancellation))
            if (!await reader.ReadAsync(cancellation))
                return 0;
        var made = await SettlementStore.SettleAsync(work, caseId, now, cancellation);
        await work.CommitAsync(cancellation);
        return made;
    }

    async Task<IReadOnlyList<(Guid, Guid)>> DueAsync(
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // A suspended organisation can do nothing and loses nothing: when it comes back, each mark is
        // made with its own moment.
        const string sql = """
            SELECT d.organisation_id, d.case_id
            FROM psa.sla_due d JOIN psa.organisations o ON o.id = d.organisation_id
            WHERE d.next_at < $1 AND o.status = 'active'
            ORDER BY d.next_at LIMIT $2
            """;
        await using var connection = await database.Jobs.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection).With(now, ClocksMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, Guid)> due = [];
        while (await reader.ReadAsync(cancellation))
            due.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return due;
    }
}
