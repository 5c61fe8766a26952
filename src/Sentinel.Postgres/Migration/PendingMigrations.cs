using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>What a program has and its database has not.</summary>
public static class PendingMigrations
{
    /// <param name="jobs">Role jobs may read the journal.</param>
    /// <param name="sets">What the program was built with.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>Names of scripts in their order; all of them where nothing was ever migrated.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(
        NpgsqlDataSource jobs,
        IReadOnlyList<MigrationSet> sets,
        CancellationToken cancellation
    )
    {
        var applied = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await using var command = jobs.CreateCommand("SELECT script FROM access.migrations");
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                applied.Add(reader.GetString(0));
        }
        catch (PostgresException missing)
            when (missing.SqlState
                    is PostgresErrorCodes.UndefinedTable
                        or PostgresErrorCodes.InvalidSchemaName
                        or PostgresErrorCodes.InsufficientPrivilege
            )
        {
            applied.Clear();
        }
        return
        [
            .. sets.SelectMany(set => set.Scripts())
                .Select(script => script.Name)
                .Where(name => !applied.Contains(name)),
        ];
    }
}
