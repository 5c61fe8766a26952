using System.Security.Cryptography;
using Npgsql;

namespace Sentinel.Postgres.Embedded;

/// <summary>
/// The private PostgreSQL of one data directory, reached through a socket that only its user (and
/// root) may open. A second start reuses a running server, a killed one recovers, and a server whose
/// Sentinel crashed is adopted by the next. It stops when the last Sentinel that uses it lets go.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    const string Superuser = "postgres";
    const string PasswordName = "superuser";

    readonly DataDirectory data;
    readonly ClusterServer server;
    FileStream? use;

    EmbeddedPostgres(DataDirectory data, ClusterServer server, FileStream use, bool reused)
    {
        this.data = data;
        this.server = server;
        this.use = use;
        Reused = reused;
    }

    /// <summary>Whether the server was running already.</summary>
    public bool Reused { get; }

    /// <summary>Host and database, for <see cref="SentinelDatabase.Open"/>; no user, no password.</summary>
    public string ConnectionString => Settings().ConnectionString;

    /// <summary>For <c>migrate</c> alone.</summary>
    public string SuperuserConnectionString =>
        AsSuperuser(Settings(), data.ReadSecret(PasswordName)).ConnectionString;

    /// <summary>
    /// Starts the server of the data directory, or joins it; of two processes at once one starts it.
    /// </summary>
    /// <param name="data">Whose server.</param>
    /// <param name="durable">False only for tests, which survive the loss of their data.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="OperationFailedException">Why it could not start, in one sentence.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        DataDirectory data,
        bool durable = true,
        CancellationToken cancellation = default
    )
    {
        await using var turn = await ClusterLock.TakeTurnAsync(data, cancellation);
        try
        {
            var (location, isNew) = ClusterLocation.Resolve(data);
            var server = new ClusterServer(location, ServerUser.Choose(location.User), durable);
            if (isNew)
            {
                server.ClearRemains();
                location.Write(data);
            }
            if (!server.IsInitialised)
                server.Initialise(Superuser, data.ReadOrMakeSecret(PasswordName, NewPassword));
            var use = ClusterLock.Use(data);
            var reused = server.IsRunning;
            if (!reused)
                await server.StartAsync(cancellation);
            var embedded = new EmbeddedPostgres(data, server, use, reused);
            await embedded.CheckIdentityAsync(location.Identity, cancellation);
            return embedded;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"The embedded PostgreSQL cannot use {data.Postgres}: "
                    + $"{failure.Message.TrimEnd('.')}; free space, or set "
                    + $"{DataDirectory.Variable} to a directory that you may write.",
                failure
            );
        }
    }

    /// <summary>Stops the server unless another Sentinel uses it; true where it has stopped.</summary>
    public async Task<bool> StopAsync()
    {
        await using var turn = await ClusterLock.TakeTurnAsync(data, CancellationToken.None);
        if (use is not null)
            await use.DisposeAsync();
        use = null;
        if (!ClusterLock.IsUnused(data))
            return false;
        server.Stop();
        return true;
    }

    /// <summary>Stops the server and deletes its files, wherever they are: for tests and demos.</summary>
    public async Task RemoveAsync()
    {
        if (!await StopAsync())
            throw new OperationFailedException(
                $"Another Sentinel uses the database of {data.Path}: stop it first."
            );
        server.Delete();
        ClusterLocation.Forget(data);
    }

    public async ValueTask DisposeAsync()
    {
        if (use is not null)
            await StopAsync();
    }

    static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    NpgsqlConnectionStringBuilder Settings() =>
        new() { Host = server.SocketFolder, Database = "sentinel" };

    static NpgsqlConnectionStringBuilder AsSuperuser(
        NpgsqlConnectionStringBuilder settings,
        string? password
    )
    {
        settings.Username = Superuser;
        settings.Password = password;
        return settings;
    }

    async Task CheckIdentityAsync(string identity, CancellationToken cancellation)
    {
        var settings = AsSuperuser(Settings(), data.ReadSecret(PasswordName));
        settings.Database = "postgres";
        settings.Pooling = false;
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        try
        {
            await using var command = source.CreateCommand("SHOW cluster_name");
            if (
                await command.ExecuteScalarAsync(cancellation) is string name
                && name == ClusterServer.NameFor(identity)
            )
                return;
        }
        catch (NpgsqlException failure)
        {
            throw ConnectionText.Explain(failure, settings);
        }
        throw new OperationFailedException(
            $"The server at {server.SocketFolder} is not that of {data.Path}: stop it first."
        );
    }
}
