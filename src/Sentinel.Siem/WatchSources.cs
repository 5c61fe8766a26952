using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem;

/// <summary>
/// Lets time pass for every organisation: sources that fell silent are found, absences become certain,
/// and findings that a crash left unjudged are judged. Run it now and then; it is the same however often.
/// </summary>
public sealed class WatchSources(SentinelDatabase database, MachineSecrets machines, EventPath path)
{
    /// <returns>How many findings were raised.</returns>
    public async Task<long> RunAsync(CancellationToken cancellation)
    {
        var raised = 0L;
        foreach (var organisationId in await OrganisationsAsync(cancellation))
        {
            var secret = machines.For(organisationId, "siem");
            try
            {
                raised += (await path.TickAsync(secret, cancellation)).Findings;
                await path.JudgeRemainingAsync(secret, cancellation);
            }
            catch (CredentialRefusedException)
            {
                // A suspended organisation can do nothing and keeps everything.
            }
        }
        return raised;
    }

    async Task<IReadOnlyList<Guid>> OrganisationsAsync(CancellationToken cancellation)
    {
        const string sql = "SELECT DISTINCT organisation_id FROM siem.sources ORDER BY 1";
        await using var command = database.Jobs.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        var organisations = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
            organisations.Add(reader.GetGuid(0));
        return organisations;
    }
}
