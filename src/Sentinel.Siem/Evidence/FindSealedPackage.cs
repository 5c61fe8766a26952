using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Evidence;

/// <summary>
/// Whether a package of this hash was ever sealed for the presented organisation, according to the
/// audit log: its rows are under the signed heads, the table's are not.
/// </summary>
public sealed class FindSealedPackage(SentinelDatabase database)
{
    public async Task<bool> RunAsync(Secret secret, string sha256, CancellationToken cancellation)
    {
        const string sql = """
            SELECT EXISTS (SELECT FROM siem.audit_log
                WHERE organisation_id = access.organisation_id()
                  AND action = 'evidence_package.created' AND metadata ->> 'hash' = $1)
            """;
        await using var work = await PresentedTransaction.BeginAsync(
            database.Auditor,
            secret,
            cancellation
        );
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(sha256);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
