using System.Globalization;
using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Access;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>A statement that somebody could send, and what the database answers to it.</summary>
/// <param name="By">Whose credential, as the psa role; null for the superuser.</param>
sealed record Probe(string Name, Secret? By, string Sql)
{
    const string Count = """
        SET CONSTRAINTS ALL IMMEDIATE;
        SELECT format('%s in the log, %s of them under a policy, %s in the work', count(*), count(policy_version),
            (SELECT count(*) FROM psa.case_work))
        FROM psa.audit_log WHERE transaction_id = pg_current_xact_id_if_assigned()
        """;

    /// <summary>
    /// How many rows it touched and how many audit rows came of it, or which rule, constraint or right
    /// refused it. Whatever it did is undone.
    /// </summary>
    public async Task<string> AnswerAsync(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            if (By is { } secret)
                await PresentAsync(connection, secret);
            await using var command = new NpgsqlCommand(Sql, connection);
            var rows = await command.ExecuteNonQueryAsync();
            await using var audit = new NpgsqlCommand(
                By is null ? Count : "RESET ROLE; " + Count,
                connection
            );
            var noted = await audit.ExecuteScalarAsync();
            return string.Create(CultureInfo.InvariantCulture, $"{rows} rows, {noted}");
        }
        catch (PostgresException refused)
        {
            return $"{refused.SqlState} {refused.ConstraintName ?? refused.MessageText}";
        }
    }

    static async Task PresentAsync(NpgsqlConnection connection, Secret secret)
    {
        await using var command = new NpgsqlCommand("SELECT access.present($1)", connection);
        command.Parameters.AddWithValue(secret.Value);
        await command.ExecuteNonQueryAsync();
        await using var role = new NpgsqlCommand("SET LOCAL ROLE psa", connection);
        await role.ExecuteNonQueryAsync();
    }

    public static async Task<IReadOnlyList<string>> AnswersAsync(
        TestDatabase database,
        IReadOnlyList<Probe> probes,
        Func<int, string, bool>? goOn = null
    )
    {
        await using var connection = new NpgsqlConnection(database.SuperuserConnectionString);
        await connection.OpenAsync();
        List<string> answers = [];
        foreach (var probe in probes)
        {
            answers.Add(await probe.AnswerAsync(connection));
            if (goOn is not null && !goOn(answers.Count - 1, answers[^1]))
                break;
        }
        return answers;
    }
}
