using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Ledger;
using Sentinel.Testing;

namespace Sentinel.IntegrationTests.Tampering;

/// <summary>
/// A superuser changes the log in every way, on a real database: verify with a head that was kept
/// elsewhere finds each, a foreign verifier each that touches what was signed, and nobody cries wolf.
/// </summary>
public class TamperingTests(ITestOutputHelper output)
{
    static bool IsLong => Environment.GetEnvironmentVariable("SENTINEL_LONG") is { Length: > 0 };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Of the signer's own notes: when a head was made, and up to which transaction it looked.
    static readonly string[] unsigned =
    [
        "audit_checkpoints.created_at",
        "audit_checkpoints.horizon",
    ];

    static readonly (string Table, string Key)[] keys =
    [
        ("audit_log", "id"),
        ("audit_leaves", "leaf_index"),
        ("audit_checkpoints", "tree_size"),
    ];

    [Fact]
    public async Task A_changed_bit_in_any_column_of_any_row_is_found()
    {
        await using var log = await SignedLog.CreateAsync();
        var chance = new Random((int)RunSeed.Chance.Seed);
        Assert.Empty(await log.ProblemsAsync());
        var flips = 0;
        List<string> unfound = [];
        foreach (var (table, key) in keys)
        {
            var columns = await ColumnsAsync(log, table);
            foreach (var row in await log.ListAsync<string>($"SELECT {key}::text FROM psa.{table}"))
            foreach (var (column, type) in Chosen(columns, chance))
            {
                flips++;
                if (!await FoundAsync(log, table, key, row, column, type, chance))
                    unfound.Add($"{table}.{column} of {row}");
                await log.RestoreAsync();
            }
        }
        output.WriteLine($"{flips} rows with one bit changed, {unfound.Count} not found");

        Assert.Empty(unfound);
        Assert.Empty(await log.ProblemsAsync());
    }

    [Fact]
    public async Task Deleted_swapped_inserted_cut_off_and_older_rows_are_found()
    {
        await using var log = await SignedLog.CreateAsync();
        var chance = new Random((int)RunSeed.Chance.Seed);
        var size = (int)await log.AskAsync<long>("SELECT count(*) FROM psa.audit_leaves");
        var rounds = 0;
        foreach (var _ in Enumerable.Range(0, IsLong ? 100 : 2))
        foreach (var (name, sql) in HistoryChanges.Of(size, chance))
        {
            await log.RunAsync(sql);
            Assert.True((await log.ProblemsAsync()).Count > 0, $"not found: {name}");
            await log.RestoreAsync();
            rounds++;
        }
        await log.RestoreAsync("older");
        var older = await log.ProblemsAsync();
        await log.RestoreAsync();
        output.WriteLine($"{rounds} changed histories of {size} rows, all found");

        Assert.NotEmpty(older);
        Assert.Empty(await log.ProblemsAsync());
    }

    [Fact]
    public async Task A_foreign_verifier_finds_them_too()
    {
        var verifier = await ForeignVerifier.ProgramAsync();
        await using var log = await SignedLog.CreateAsync();
        var chance = new Random((int)RunSeed.Chance.Seed);
        var size = (int)await log.AskAsync<long>("SELECT count(*) FROM psa.audit_leaves");
        Assert.Null(await log.ForeignRefusalAsync(verifier));
        // An export ends where its head does: what lies behind it was never signed.
        string[] outside = ["a row inserted behind the heads", "a row appended to the tree"];
        foreach (
            var (name, sql) in HistoryChanges
                .Of(size, chance)
                .Where(change => !outside.Contains(change.Name))
        )
        {
            await log.RunAsync(sql);
            Assert.True(await log.ForeignRefusalAsync(verifier) is not null, $"not found: {name}");
            await log.RestoreAsync();
        }
        var content = (await ColumnsAsync(log, "audit_log")).Where(one =>
            one.Column is not "leaf_hash"
        );
        foreach (var (column, type) in content)
        {
            var rows = await log.ListAsync<string>("SELECT id::text FROM psa.audit_log");
            var row = rows[chance.Next(rows.Count)];
            var written = await FlipAsync(log, "audit_log", "id", row, column, type, chance);
            Assert.True(
                !written || await log.ForeignRefusalAsync(verifier) is not null,
                $"not found: {column}"
            );
            await log.RestoreAsync();
        }
        await log.RestoreAsync("older");
        Assert.NotNull(await log.ForeignRefusalAsync(verifier));
    }

    [Fact]
    public async Task Nobody_is_alarmed_where_nothing_was_changed()
    {
        var cases = IsLong ? 1000 : 8;
        await using var office = await Office.OpenAsync();
        var data = office.Database.Data;
        List<string> kept = [];
        for (var number = 0; number < cases; number++)
        {
            var caseId = await office.ClosedCaseAsync();
            var head = Path.Combine(data.Path, $"kept-{number}");
            File.Copy(data.HeadFile("psa"), head);
            kept.Add(head);
            var verified = Office.Done(
                await office.VerifyCase.RunAsync(office.Manager.Token, caseId, Cancellation)
            );
            Assert.Empty(verified.Problems);
        }

        var verdicts = await new VerifyAudit(office.Database.Sentinel, data).RunAsync(
            kept,
            Cancellation
        );

        output.WriteLine($"{cases} sealed cases, {verdicts.Sum(verdict => verdict.Heads)} heads");
        Assert.Empty(verdicts.SelectMany(verdict => verdict.Problems));
    }

    static IEnumerable<(string Column, string Type)> Chosen(
        IReadOnlyList<(string Column, string Type)> columns,
        Random chance
    ) => IsLong ? columns : [columns[chance.Next(columns.Count)]];

    static async Task<bool> FoundAsync(
        SignedLog log,
        string table,
        string key,
        string row,
        string column,
        string type,
        Random chance
    ) =>
        // A value that the index itself refuses cannot be written at all.
        !await FlipAsync(log, table, key, row, column, type, chance)
        || (await log.ProblemsAsync()).Count > 0;

    static async Task<bool> FlipAsync(
        SignedLog log,
        string table,
        string key,
        string row,
        string column,
        string type,
        Random chance
    )
    {
        var where = $"WHERE {key}::text = '{row}'";
        var before = (
            await log.ListAsync<string>(
                $"SELECT coalesce({column}::text, '(none)') FROM psa.{table} {where}"
            )
        )[0];
        var after = BitFlip.Of(type, before == "(none)" ? null : before, chance);
        try
        {
            await log.RunAsync(
                (
                    column == "position"
                        ? "ALTER TABLE psa.audit_log ALTER position DROP IDENTITY IF EXISTS;"
                        : ""
                )
                    + $"UPDATE psa.{table} SET {column} = '{after.Replace("'", "''", StringComparison.Ordinal)}'::{type} {where}"
            );
            return true;
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    static async Task<IReadOnlyList<(string Column, string Type)>> ColumnsAsync(
        SignedLog log,
        string table
    ) => [.. (
                await log.ListAsync<string>(
                    $"""
                    SELECT attname || '|' || format_type(atttypid, NULL) FROM pg_attribute
                    WHERE attrelid = 'psa.{table}'::regclass AND attnum > 0 AND NOT attisdropped
                    ORDER BY attnum
                    """
                )
            ).Select(line => (line.Split('|')[0], line.Split('|')[1])).Where(one => !unsigned.Contains($"{table}.{one.Item1}"))];
}
