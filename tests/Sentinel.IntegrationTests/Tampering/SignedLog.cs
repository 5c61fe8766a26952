using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;

namespace Sentinel.IntegrationTests.Tampering;

/// <summary>
/// Casework's log with a closed case in it, several heads, one of them kept elsewhere; and a superuser
/// who has switched off every guard. What he does is undone by <see cref="RestoreAsync"/>.
/// </summary>
sealed class SignedLog : IAsyncDisposable
{
    static readonly string[] tables = ["audit_log", "audit_leaves", "audit_checkpoints"];

    readonly Office office;
    readonly NpgsqlConnection superuser;

    SignedLog(Office office, NpgsqlConnection superuser, string folder)
    {
        this.office = office;
        this.superuser = superuser;
        Head = Path.Combine(folder, "head");
        Key = Path.Combine(folder, "vkey");
        Export = Path.Combine(folder, "export");
    }

    /// <summary>The head and the key that were handed over before anything was changed.</summary>
    public string Head { get; }
    public string Key { get; }
    public string Export { get; }

    public static async Task<SignedLog> CreateAsync()
    {
        var office = await Office.OpenAsync();
        var data = office.Database.Data;
        var superuser = new NpgsqlConnection(office.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(data.Path, "kept")).FullName;
        var log = new SignedLog(office, superuser, folder);
        var heads = new SignHead(office.Database.Sentinel, data, TimeProvider.System);
        await heads.CoverAsync("psa", office.OrganisationId, office.OrganisationId, default);
        var caseId = await office.CaseAsync();
        await heads.CoverAsync("psa", office.OrganisationId, caseId, default);
        await log.KeepAsync("older");
        await office.FinishAsync(caseId);
        var last = await heads.CoverAsync("psa", office.OrganisationId, caseId, default);
        await File.WriteAllTextAsync(log.Head, last.Note);
        using (var key = LedgerKey.Open(data))
            await File.WriteAllTextAsync(log.Key, key.VerifierKeyFor("psa").ToString());
        // The head in the data directory is in the same hands as the database.
        File.Delete(last.File);
        foreach (var table in tables.Append("audit_timestamps"))
            await log.RunAsync($"ALTER TABLE psa.{table} DISABLE TRIGGER ALL");
        await log.RunAsync(
            """
            DO $$ DECLARE rule record; BEGIN
                FOR rule IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
                    WHERE contype = 'c' AND conrelid IN ('psa.audit_log'::regclass,
                        'psa.audit_leaves'::regclass, 'psa.audit_checkpoints'::regclass) LOOP
                    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.owner, rule.conname);
                END LOOP;
            END $$
            """
        );
        await log.KeepAsync("kept");
        return log;
    }

    public async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, superuser);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = new NpgsqlCommand(sql, superuser);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<IReadOnlyList<T>> ListAsync<T>(string sql)
    {
        await using var command = new NpgsqlCommand(sql, superuser);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> values = [];
        while (await reader.ReadAsync())
            values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    /// <summary>Puts back what stood there under that name: <c>kept</c>, or <c>older</c>.</summary>
    public async Task RestoreAsync(string name = "kept")
    {
        await RunAsync(
            "TRUNCATE psa.audit_log, psa.audit_leaves, psa.audit_checkpoints, psa.audit_timestamps"
        );
        foreach (var table in tables)
            await RunAsync(
                $"INSERT INTO psa.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {name}.{table}"
            );
    }

    public async Task<IReadOnlyList<AuditProblem>> ProblemsAsync()
    {
        var verify = new VerifyAudit(office.Database.Sentinel, office.Database.Data);
        var verdicts = await verify.RunAsync([Head], default);
        return [.. verdicts.SelectMany(verdict => verdict.Problems)];
    }

    /// <summary>What the foreign verifier says of the log as it would be handed to it now.</summary>
    public async Task<string?> ForeignRefusalAsync(string verifier)
    {
        if (Directory.Exists(Export))
            Directory.Delete(Export, recursive: true);
        try
        {
            var export = new ExportAudit(office.Database.Sentinel, office.Database.Data);
            await export.RunAsync("psa", Export, default);
        }
        catch (OperationFailedException refused)
        {
            return refused.Message;
        }
        return await ForeignVerifier.RefusalAsync(verifier, Key, Export, Head);
    }

    async Task KeepAsync(string name)
    {
        await RunAsync($"CREATE SCHEMA {name}");
        foreach (var table in tables)
            await RunAsync($"CREATE TABLE {name}.{table} AS TABLE psa.{table}");
    }

    public async ValueTask DisposeAsync()
    {
        await superuser.DisposeAsync();
        await office.DisposeAsync();
    }
}
