using System.Reflection;
using Sentinel.Policies;
using Sentinel.Postgres;
using Sentinel.Postgres.Migration;
using Sentinel.Siem.Findings;

namespace Sentinel.Server.Database;

/// <summary>Every schema that a whole Sentinel has, in the order in which they build on each other.</summary>
public static class SentinelSchemas
{
    static readonly IReadOnlyList<MigrationSet> sets =
    [
        MigrationSet.Access,
        new("psa", Assembly.Load("Sentinel.Psa")),
        new("policies", typeof(Policy).Assembly),
        new("workflows", Assembly.Load("Sentinel.Workflows")),
        new("siem", typeof(Finding).Assembly),
    ];

    /// <summary>The scripts that the database has not seen yet; empty where it is ready.</summary>
    public static Task<IReadOnlyList<string>> PendingAsync(
        SentinelDatabase database,
        CancellationToken cancellation
    ) => PendingMigrations.FindAsync(database.Jobs, sets, cancellation);

    /// <summary>Creates or upgrades everything, Hangfire's tables too. A second run finds nothing to do.</summary>
    public static Task<MigrationOutcome> MigrateAsync(
        string connectionString,
        DataDirectory data,
        CancellationToken cancellation
    ) => Migrator.MigrateAsync(connectionString, sets, data, JobStore.InstallAsync, cancellation);
}
