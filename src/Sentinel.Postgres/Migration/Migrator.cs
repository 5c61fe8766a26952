using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>What a run of <c>migrate</c> did; nothing where everything was there.</summary>
public sealed record MigrationOutcome(IReadOnlyList<string> Applied)
{
    public bool NothingToDo => Applied.Count == 0;
}

/// <summary>
/// Creates or upgrades roles, schemas and tables. It alone uses the user of the connection string: a
/// superuser, or one with CREATEROLE who owns the database (with CREATEDB it is made where missing).
/// Two at once do not clash, and a second run finds nothing to do.
/// </summary>
public static class Migrator
{
    /// <param name="connectionString">The only place where a user and password are taken from.</param>
    /// <param name="sets">In order; <see cref="MigrationSet.Access"/> first.</param>
    /// <param name="dataDirectory">Where the passwords of the roles are kept.</param>
    /// <param name="installJobs">
    /// Installs Hangfire's objects into schema <c>hangfire</c>, given a connection string of role
    /// <c>jobs</c>, which may create there during this call and at no other time.
    /// </param>
    /// <param name="cancellation">Stops between two scripts, never within one.</param>
    /// <exception cref="OperationFailedException">Why it could not, in one sentence.</exception>
    public static async Task<MigrationOutcome> MigrateAsync(
        string connectionString,
        IReadOnlyList<MigrationSet> sets,
        DataDirectory dataDirectory,
        Func<string, CancellationToken, Task>? installJobs = null,
        CancellationToken cancellation = default
    )
    {
        var settings = ConnectionText.Read(connectionString);
        settings.Pooling = false;
        await DatabaseCreation.CreateIfMissingAsync(settings, cancellation);
        await using var turn = await MigrationLock.TakeAsync(settings, cancellation);
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        try
        {
            return await MigrateLockedAsync(
                connection,
                settings,
                sets,
                dataDirectory,
                installJobs,
                cancellation
            );
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new OperationFailedException(
                $"User '{settings.Username}' may not migrate '{settings.Database}': "
                    + $"{refused.MessageText}; use a superuser, or a user with CREATEROLE "
                    + "who owns the database.",
                refused
            );
        }
    }

    static async Task<MigrationOutcome> MigrateLockedAsync(
        NpgsqlConnection connection,
        NpgsqlConnectionStringBuilder settings,
        IReadOnlyList<MigrationSet> sets,
        DataDirectory dataDirectory,
        Func<string, CancellationToken, Task>? installJobs,
        CancellationToken cancellation
    )
    {
        var roles = new RoleCreation(connection, settings, dataDirectory);
        List<string> applied = [.. await roles.CreateAsync(cancellation)];
        await roles.BecomeOwnerAsync(cancellation);
        try
        {
            applied.AddRange(await SchemaCreation.CreateAsync(connection, cancellation));
            foreach (var set in sets)
            {
                cancellation.ThrowIfCancellationRequested();
                applied.AddRange(
                    await ScriptRun.ApplyAsync(settings.ConnectionString, set, cancellation)
                );
            }
            if (installJobs is not null)
                await InstallJobsAsync(connection, settings, dataDirectory, installJobs);
        }
        finally
        {
            await roles.LeaveOwnerAsync();
        }
        return new MigrationOutcome(applied);

        async Task InstallJobsAsync(
            NpgsqlConnection owner,
            NpgsqlConnectionStringBuilder place,
            DataDirectory secrets,
            Func<string, CancellationToken, Task> install
        )
        {
            await SchemaCreation.OpenHangfireAsync(owner, cancellation);
            await install(
                SentinelDatabase.ForRole(place, SentinelRoles.Jobs, secrets),
                cancellation
            );
            await SchemaCreation.CloseHangfireAsync(owner, cancellation);
        }
    }
}
