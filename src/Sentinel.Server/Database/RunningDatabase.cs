using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;
using Sentinel.Postgres.Migration;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Database;

/// <summary>
/// The database behind this process: the one that SENTINEL_DATABASE names, or a private PostgreSQL
/// that is started, migrated, and stopped again by whoever uses it last.
/// </summary>
public sealed class RunningDatabase : IAsyncDisposable
{
    public const string Variable = "SENTINEL_DATABASE";

    readonly EmbeddedPostgres? embedded;

    RunningDatabase(
        SentinelDatabase database,
        string connectionString,
        DataDirectory data,
        EmbeddedPostgres? embedded
    )
    {
        Database = database;
        ConnectionString = connectionString;
        Data = data;
        this.embedded = embedded;
    }

    public SentinelDatabase Database { get; }

    /// <summary>Of role jobs, for Hangfire's own pool.</summary>
    public string JobsConnectionString =>
        SentinelDatabase.ConnectionStringFor(ConnectionString, SentinelRoles.Jobs, Data);

    public DataDirectory Data { get; }

    string ConnectionString { get; }

    /// <exception cref="OperationFailedException">Why there is none, in one sentence.</exception>
    public static Task<RunningDatabase> StartAsync(
        DataDirectory data,
        CancellationToken cancellation
    ) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString
            ? JoinAsync(connectionString, data, cancellation)
            : StartPrivateAsync(data, cancellation);

    /// <summary>A database that somebody else runs, and that <c>migrate</c> has prepared.</summary>
    public static async Task<RunningDatabase> JoinAsync(
        string connectionString,
        DataDirectory data,
        CancellationToken cancellation
    )
    {
        var database = await SentinelDatabase.OpenAsync(connectionString, data, cancellation);
        var pending = await SentinelSchemas.PendingAsync(database, cancellation);
        if (pending.Count == 0)
            return new RunningDatabase(database, connectionString, data, null);
        await database.DisposeAsync();
        throw new OperationFailedException(
            $"The database lacks {pending[0]}"
                + (pending.Count > 1 ? $" and {pending.Count - 1} more migrations" : "")
                + ": run ./sentinel migrate."
        );
    }

    /// <summary>
    /// What <c>./sentinel migrate</c> does: the only place where the user of SENTINEL_DATABASE counts.
    /// </summary>
    public static async Task<MigrationOutcome> MigrateAsync(
        DataDirectory data,
        NewOrganisation first,
        CancellationToken cancellation
    )
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString)
            return await PrepareAsync(connectionString, data, first, cancellation);
        await using var embedded = await EmbeddedPostgres.StartAsync(
            data,
            cancellation: cancellation
        );
        return await PrepareAsync(embedded.SuperuserConnectionString, data, first, cancellation);
    }

    /// <summary>Our own server, whatever SENTINEL_DATABASE says, migrated and with an organisation.</summary>
    public static async Task<RunningDatabase> StartPrivateAsync(
        DataDirectory data,
        CancellationToken cancellation
    )
    {
        var embedded = await EmbeddedPostgres.StartAsync(data, cancellation: cancellation);
        try
        {
            if (!embedded.Reused || !File.Exists(data.TokenFile))
                await PrepareAsync(
                    embedded.SuperuserConnectionString,
                    data,
                    Founding.Default,
                    cancellation
                );
            var database = await SentinelDatabase.OpenAsync(
                embedded.ConnectionString,
                data,
                cancellation
            );
            return new RunningDatabase(database, embedded.ConnectionString, data, embedded);
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    static async Task<MigrationOutcome> PrepareAsync(
        string migratingConnectionString,
        DataDirectory data,
        NewOrganisation first,
        CancellationToken cancellation
    )
    {
        var outcome = await SentinelSchemas.MigrateAsync(
            migratingConnectionString,
            data,
            cancellation
        );
        var founded = await Founding.FoundAsync(
            migratingConnectionString,
            data,
            first,
            cancellation
        );
        return outcome with { Applied = [.. outcome.Applied, .. founded] };
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (embedded is not null)
            await embedded.DisposeAsync();
    }
}
