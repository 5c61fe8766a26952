using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>
/// One migration at a time on a server: roles belong to the server, not to a database, so the lock is
/// taken in database <c>postgres</c>, or, where the user may not enter there, in the migrated one.
/// </summary>
static class MigrationLock
{
    const long Key = 0x53454E54494E454C;

    /// <summary>Held until the connection is disposed of, or its process dies.</summary>
    public static async Task<IAsyncDisposable> TakeAsync(
        NpgsqlConnectionStringBuilder settings,
        CancellationToken cancellation
    )
    {
        var maintenance = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Database = "postgres",
        };
        var connection = new NpgsqlConnection(maintenance.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
        }
        catch (PostgresException)
        {
            await connection.DisposeAsync();
            connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellation);
        }
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
        {
            Parameters = { new() { Value = Key } },
            CommandTimeout = 0,
        };
        await command.ExecuteNonQueryAsync(cancellation);
        return connection;
    }
}
