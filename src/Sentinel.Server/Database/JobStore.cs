using Hangfire.PostgreSql;
using Npgsql;

namespace Sentinel.Server.Database;

/// <summary>
/// Hangfire's tables. They say when work was tried, never whether it is done: rows of the domain are
/// the truth, jobs are not.
/// </summary>
public static class JobStore
{
    public const string Schema = "hangfire";

    /// <summary>For <c>migrate</c>: idempotent, and the only moment at which role jobs may create tables.</summary>
    public static async Task InstallAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        PostgreSqlObjectsInstaller.Install(connection, Schema);
    }

    /// <summary>Connects when first used; never changes the schema.</summary>
    internal static PostgreSqlStorage Open(string connectionString)
    {
        var options = new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false,
            QueuePollInterval = TimeSpan.FromSeconds(1),
            // Whoever was killed gives no lock back, and none is held for longer.
            DistributedLockTimeout = TimeSpan.FromSeconds(10),
        };
        return new PostgreSqlStorage(
            new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(connectionString, options),
            options
        );
    }
}
