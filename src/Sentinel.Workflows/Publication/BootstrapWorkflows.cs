using Npgsql;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows.Publication;

/// <param name="Stored">Definition and version, as in <c>contain_account 2</c>; empty where nothing changed.</param>
public sealed record BootstrapOutcome(IReadOnlyList<string> Stored, IReadOnlyList<string> Problems);

/// <summary>
/// Stores the definitions that ship with Sentinel, for every organisation: version 1, and a new version
/// when a file changed. An invalid one is refused, and then none is stored.
/// </summary>
public sealed class BootstrapWorkflows(ActivityCatalogue activities, TimeProvider clock)
{
    /// <summary>Every .json file of a folder, by its name.</summary>
    public static IReadOnlyDictionary<string, string> ReadFolder(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.json")
            .Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

    /// <param name="migratingConnectionString">The user that migrates: nobody else may.</param>
    /// <param name="definitions">Elsa 3 JSON by file name.</param>
    public async Task<BootstrapOutcome> RunAsync(
        string migratingConnectionString,
        IReadOnlyDictionary<string, string> definitions,
        CancellationToken cancellation
    )
    {
        var loaded = definitions.ToDictionary(
            file => file.Key,
            file => new ExamineWorkflow(activities).Run(file.Value)
        );
        var problems = loaded
            .SelectMany(file => file.Value.Problems.Select(problem => $"{file.Key}: {problem}"))
            .ToList();
        if (problems.Count > 0)
            return new BootstrapOutcome([], problems);
        var settings = new NpgsqlConnectionStringBuilder(migratingConnectionString)
        {
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, BecomeOwner, cancellation);
        var stored = new List<string>();
        foreach (var (file, json) in definitions)
            if (
                await StoreAsync(connection, loaded[file].Definition!.Id, json, cancellation) is
                { } version
            )
                stored.Add($"{loaded[file].Definition!.Id} {version}");
        await RunAsync(connection, LeaveOwner, cancellation);
        await transaction.CommitAsync(cancellation);
        return new BootstrapOutcome(stored, []);
    }

    async Task<int?> StoreAsync(
        NpgsqlConnection connection,
        string definitionId,
        string json,
        CancellationToken cancellation
    )
    {
        var latest = await DefinitionStore.FindShippedAsync(connection, definitionId, cancellation);
        if (latest?.Json == json)
            return null;
        var now = clock.GetUtcNow();
        var version = (latest?.Version ?? 0) + 1;
        var next = new StoredDefinition(Guid.CreateVersion7(now), true, version, json);
        await DefinitionStore.ShipAsync(connection, next, definitionId, now, cancellation);
        return version;
    }

    // A superuser may become the owner as it is; whoever else migrates lends it to themselves and gives
    // it back before the transaction ends.
    const string BecomeOwner = """
        DO $$ BEGIN
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                GRANT sentinel_owner TO CURRENT_USER;
            END IF;
        END $$;
        SET LOCAL ROLE sentinel_owner;
        """;

    const string LeaveOwner = """
        RESET ROLE;
        DO $$ BEGIN
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                REVOKE sentinel_owner FROM CURRENT_USER;
            END IF;
        END $$;
        """;

    static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
