using System.Net.Sockets;
using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>Makes the database that the connection string names, where the user may.</summary>
static class DatabaseCreation
{
    const int OldestServerMajor = 14;

    public static async Task CreateIfMissingAsync(
        NpgsqlConnectionStringBuilder settings,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellation);
            await CheckServerAsync(connection, cancellation);
        }
        catch (PostgresException missing)
            when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await CreateAsync(settings, cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException)
        {
            throw ConnectionText.Explain(failure, settings);
        }
    }

    static async Task CreateAsync(
        NpgsqlConnectionStringBuilder settings,
        CancellationToken cancellation
    )
    {
        var maintenance = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Database = "postgres",
        };
        try
        {
            await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
            await connection.OpenAsync(cancellation);
            var name = settings.Database!.Replace("\"", "\"\"", StringComparison.Ordinal);
            await using var create = new NpgsqlCommand(
                $"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'",
                connection
            );
            await create.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException raced)
            when (raced.SqlState
                    is PostgresErrorCodes.DuplicateDatabase
                        or PostgresErrorCodes.UniqueViolation
            )
        {
            // Another migrate made it first.
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException)
        {
            throw ConnectionText.Explain(failure, settings);
        }
    }

    static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (connection.PostgreSqlVersion.Major < OldestServerMajor)
            throw new OperationFailedException(
                $"The server is PostgreSQL {connection.PostgreSqlVersion.Major}: "
                    + $"Sentinel needs {OldestServerMajor} or newer."
            );
        await using var command = new NpgsqlCommand("SHOW server_encoding", connection);
        if (await command.ExecuteScalarAsync(cancellation) is not "UTF8")
            throw new OperationFailedException(
                $"Database '{connection.Database}' is not encoded in UTF8: "
                    + "create one with ENCODING 'UTF8' TEMPLATE template0."
            );
    }
}
