using Npgsql;

namespace Sentinel.Postgres;

/// <summary>
/// The database as each running part sees it: one pool for each role, with that role's password from
/// <c>$SENTINEL_DATA/secrets/&lt;role&gt;</c>. Only <c>migrate</c> uses the user of the connection string.
/// </summary>
public sealed class SentinelDatabase(
    NpgsqlDataSource siem,
    NpgsqlDataSource psa,
    NpgsqlDataSource jobs,
    NpgsqlDataSource replay,
    NpgsqlDataSource signer,
    NpgsqlDataSource auditor
) : IAsyncDisposable
{
    const int PreparedMax = 100;

    public NpgsqlDataSource Siem { get; } = siem;

    public NpgsqlDataSource Psa { get; } = psa;

    public NpgsqlDataSource Jobs { get; } = jobs;

    public NpgsqlDataSource Replay { get; } = replay;

    public NpgsqlDataSource Signer { get; } = signer;

    public NpgsqlDataSource Auditor { get; } = auditor;

    /// <summary>
    /// Makes the pools without connecting. Host, database and options come from the connection
    /// string; its user and password do not.
    /// </summary>
    /// <exception cref="OperationFailedException">Not a connection string, or not migrated.</exception>
    public static SentinelDatabase Open(string connectionString, DataDirectory dataDirectory)
    {
        var settings = ConnectionText.Read(connectionString);
        NpgsqlDataSource Pool(string role)
        {
            var own = new NpgsqlConnectionStringBuilder(ForRole(settings, role, dataDirectory));
            // Row-level security makes plans dear: what is asked again and again is planned once.
            if (role is SentinelRoles.Psa or SentinelRoles.Jobs)
                own.MaxAutoPrepare = PreparedMax;
            // Nobody leaves anything in a session of this role (a credential is presented to a transaction), and
            // resetting it costs seven statements each time.
            own.NoResetOnClose = role is SentinelRoles.Psa;
            return NpgsqlDataSource.Create(own);
        }
        return new SentinelDatabase(
            Pool(SentinelRoles.Siem),
            Pool(SentinelRoles.Psa),
            Pool(SentinelRoles.Jobs),
            Pool(SentinelRoles.Replay),
            Pool(SentinelRoles.Signer),
            Pool(SentinelRoles.Auditor)
        );
    }

    /// <summary>Makes the pools and connects once, so that what is wrong is said at the start.</summary>
    /// <exception cref="OperationFailedException">Why there is no database, in one sentence.</exception>
    public static async Task<SentinelDatabase> OpenAsync(
        string connectionString,
        DataDirectory dataDirectory,
        CancellationToken cancellation
    )
    {
        var database = Open(connectionString, dataDirectory);
        try
        {
            await ConnectionText.CheckAsync(database.Siem, cancellation);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string with which a role logs in, for what makes its own pool.</summary>
    public static string ConnectionStringFor(
        string connectionString,
        string role,
        DataDirectory dataDirectory
    ) => ForRole(ConnectionText.Read(connectionString), role, dataDirectory);

    public async ValueTask DisposeAsync()
    {
        await Siem.DisposeAsync();
        await Psa.DisposeAsync();
        await Jobs.DisposeAsync();
        await Replay.DisposeAsync();
        await Signer.DisposeAsync();
        await Auditor.DisposeAsync();
    }

    internal static string ForRole(
        NpgsqlConnectionStringBuilder settings,
        string role,
        DataDirectory dataDirectory
    )
    {
        var password =
            dataDirectory.ReadSecret(role)
            ?? throw new OperationFailedException(
                $"{dataDirectory.SecretFile(role)} is missing: run ./sentinel migrate, "
                    + $"or set {DataDirectory.Variable} to the directory where it ran."
            );
        return new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Username = role,
            Password = password,
            Passfile = null,
            ApplicationName = "sentinel/" + role,
        }.ConnectionString;
    }
}
