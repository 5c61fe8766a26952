using System.Data;
using System.Security.Cryptography;
using System.Text;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.Postgresql;
using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>Applies what a set has and the database has not, each script in its own transaction.</summary>
static class ScriptRun
{
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        string connectionString,
        MigrationSet set,
        CancellationToken cancellation
    )
    {
        var asOwner = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            // An unqualified name in a script is refused instead of landing somewhere.
            Options = $"-c role={SentinelRoles.Owner} -c search_path=pg_catalog",
            CommandTimeout = 0,
            ApplicationName = "sentinel/migrate",
        };
        var scripts = set.Scripts();
        await using var source = NpgsqlDataSource.Create(asOwner.ConnectionString);
        var journal = new MigrationJournal(source, scripts);
        await journal.CheckUnchangedAsync(cancellation);
        var engine = DeployChanges
            .To.PostgresqlDatabase(new WholeScripts(source))
            .WithScripts(scripts.Select(script => new SqlScript(script.Name, script.Text)))
            .JournalTo(journal)
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new NoOpUpgradeLog())
            .Build();
        // DbUp knows no asynchronous calls.
        var result = await Task.Run(engine.PerformUpgrade, cancellation);
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new OperationFailedException(
                $"Migration {result.ErrorScript?.Name ?? set.Name} was rolled back: "
                    + Sentence(result.Error),
                result.Error
            );
    }

    static string Sentence(Exception error) =>
        error is PostgresException refused
            ? $"{refused.MessageText}{(refused.Where is { } where ? $" ({where})" : "")} "
                + $"[{refused.SqlState}]."
            : error.Message;

    // Npgsql splits scripts itself, and knows every kind of quotation.
    sealed class WholeScripts(NpgsqlDataSource source) : PostgresqlConnectionManager(source)
    {
        public override IEnumerable<string> SplitScriptIntoCommands(string scriptContents) =>
            [scriptContents];
    }

    /// <summary>The journal in <c>access.migrations</c>, written in the script's transaction.</summary>
    sealed class MigrationJournal(
        NpgsqlDataSource source,
        IReadOnlyList<(string Name, string Text)> scripts
    ) : IJournal
    {
        readonly Dictionary<string, string> applied = [];

        public async Task CheckUnchangedAsync(CancellationToken cancellation)
        {
            await using var command = source.CreateCommand(
                "SELECT script, sha256 FROM access.migrations"
            );
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                applied[reader.GetString(0)] = reader.GetString(1);
            foreach (var (name, text) in scripts)
                if (applied.TryGetValue(name, out var sha256) && sha256 != Sha256(text))
                    throw new OperationFailedException(
                        $"Migration {name} differs from the one that this database was made with: "
                            + "migrations are never edited, so run the Sentinel that made it, "
                            + "or start with an empty database."
                    );
        }

        public string[] GetExecutedScripts() => [.. applied.Keys];

        public void StoreExecutedScript(SqlScript script, Func<IDbCommand> dbCommandFactory)
        {
            using var command = (NpgsqlCommand)dbCommandFactory();
            command.CommandText = "INSERT INTO access.migrations (script, sha256) VALUES ($1, $2)";
            command.Parameters.AddWithValue(script.Name);
            command.Parameters.AddWithValue(Sha256(script.Contents));
            command.ExecuteNonQuery();
        }

        public void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory)
        {
            // Migrator made it, before the first script.
        }

        static string Sha256(string text) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
