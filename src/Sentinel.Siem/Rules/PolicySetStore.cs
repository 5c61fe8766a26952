using Npgsql;

namespace Sentinel.Siem.Rules;

/// <summary>Which texts a batch's set of policies had.</summary>
static class PolicySetStore
{
    public static async Task<IReadOnlyList<(string Name, int Version, string Sha256)>> MembersAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        string setSha256,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT policy_names, policy_versions, policy_sha256s FROM siem.policy_sets
            WHERE organisation_id = $1 AND sha256 = $2
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(setSha256);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            throw new InvalidOperationException($"No batch used the policy set {setSha256}.");
        var versions = reader.GetFieldValue<int[]>(1);
        var sha256s = reader.GetFieldValue<string[]>(2);
        return
        [
            .. reader
                .GetFieldValue<string[]>(0)
                .Select((name, i) => (name, versions[i], sha256s[i])),
        ];
    }
}
