using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;

namespace Sentinel.IntegrationTests.Postgres;

public class AuditLedgerTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_signed_verifies_and_goes_on_from_head_to_head()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 5);
        var first = await SignAsync(database);
        await AuditSample.AddAsync(database, 4);
        var second = await SignAsync(database);
        await AuditSample.AddAsync(database, 2);

        var verdict = await VerifyAsync(database);

        Assert.Equal((5, 9), (first.Head!.Size, second.Head!.Size));
        Assert.True(second.Covered);
        Assert.Equal(second.Note, await File.ReadAllTextAsync(second.File, Cancellation));
        Assert.Empty(verdict.Problems);
        Assert.Equal((11, 2), (verdict.Entries, verdict.Pending));
        Assert.Equal(Convert.ToHexStringLower(second.Head.Root), verdict.Root);
    }

    [Fact]
    public async Task A_row_waits_until_no_older_transaction_is_running()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var slow = new NpgsqlConnection(database.SuperuserConnectionString);
        await slow.OpenAsync(Cancellation);
        await using var running = await slow.BeginTransactionAsync(Cancellation);
        await using var insert = new NpgsqlCommand(
            $"""
            INSERT INTO siem.audit_log (organisation_id, action, entity_type)
            VALUES ('{AuditSample.Organisation}', 'slow.created', 'slow')
            """,
            slow
        );
        await insert.ExecuteNonQueryAsync(Cancellation);
        await AuditSample.AddAsync(database, 1);

        var before = await Signer(database).RunAsync("siem", Cancellation);
        await running.CommitAsync(Cancellation);
        var after = await SignAsync(database);

        Assert.Equal(0, before.Added);
        Assert.Equal(2, after.Added);
        Assert.Empty((await VerifyAsync(database)).Problems);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_row_is_named_before_signing_and_after(bool signed)
    {
        await using var database = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 6);
        if (signed)
            await SignAsync(database);
        const string third = "SELECT id FROM siem.audit_log ORDER BY position OFFSET 2 LIMIT 1";
        var id = await database.AskAsSuperuserAsync<Guid>(third);
        await AuditSample.TamperAsync(
            database,
            $"UPDATE siem.audit_log SET action = 'case.closed' WHERE id = '{id}'"
        );

        var problem = Assert.Single((await VerifyAsync(database)).Problems);

        Assert.Equal(new AuditProblem.RowChanged(id, signed ? 2 : null), problem);
    }

    [Fact]
    public async Task A_row_rewritten_with_its_leaf_is_narrowed_to_the_range_between_two_heads()
    {
        await using var database = await TestDatabase.CreateAsync();
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await AuditSample.AddAsync(database, 3);
            await SignAsync(database);
        }
        await AuditSample.TamperAsync(
            database,
            $"""
            UPDATE siem.audit_log SET action = 'case.closed'
            WHERE id = (SELECT audit_id FROM siem.audit_leaves WHERE leaf_index = 7);
            UPDATE siem.audit_log SET leaf_hash = {AuditSample.LeafOfRow};
            UPDATE siem.audit_leaves leaf SET leaf_hash = log.leaf_hash
            FROM siem.audit_log log WHERE log.id = audit_id
            """
        );

        var problem = Assert.Single((await VerifyAsync(database)).Problems);

        var range = Assert.IsType<AuditProblem.RangeRewritten>(problem);
        // Between the second head and the third; a head more may lie between them.
        Assert.InRange(range.From, 6, 7);
        Assert.InRange(range.To, 8, 9);
    }

    [Fact]
    public async Task Only_the_head_outside_shows_a_history_rewritten_with_its_heads()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 6);
        var head = await SignAsync(database);
        var kept = Path.Combine(database.Data.Path, "kept-elsewhere");
        await File.WriteAllTextAsync(kept, head.Note, Cancellation);
        File.Delete(head.File);
        await AuditSample.TamperAsync(
            database,
            """
            DELETE FROM siem.audit_checkpoints;
            DELETE FROM siem.audit_log WHERE id IN (
                SELECT audit_id FROM siem.audit_leaves WHERE leaf_index > 3);
            DELETE FROM siem.audit_leaves
            """
        );

        var blind = await VerifyAsync(database);
        var seeing = await VerifyAsync(database, kept);

        Assert.Empty(blind.Problems);
        var range = Assert.IsType<AuditProblem.RangeRewritten>(Assert.Single(seeing.Problems));
        Assert.Equal((0, 6), (range.From, range.To));
    }

    [Fact]
    public async Task A_missing_row_and_one_that_appeared_behind_the_head_are_named()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 5);
        await SignAsync(database);
        var missing = await database.AskAsSuperuserAsync<Guid>(
            "SELECT audit_id FROM siem.audit_leaves WHERE leaf_index = 1"
        );
        await AuditSample.AddAsync(database, 1);
        var late = await database.AskAsSuperuserAsync<Guid>(
            "SELECT id FROM siem.audit_log ORDER BY position DESC LIMIT 1"
        );
        await AuditSample.TamperAsync(
            database,
            $"""
            DELETE FROM siem.audit_log WHERE id = '{missing}';
            UPDATE siem.audit_log SET transaction_id = '3' WHERE id = '{late}';
            UPDATE siem.audit_log SET leaf_hash = {AuditSample.LeafOfRow} WHERE id = '{late}'
            """
        );

        var problems = (await VerifyAsync(database)).Problems;

        Assert.Equal(
            [new AuditProblem.RowMissing(missing, 1), new AuditProblem.RowAppeared(late)],
            problems
        );
    }

    [Fact]
    public async Task A_head_of_another_key_is_refused_and_nothing_is_signed_over_a_foreign_history()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var other = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 2);
        await AuditSample.AddAsync(other, 3);
        var mine = await SignAsync(database);
        var foreign = await SignAsync(other);

        var verdict = await VerifyAsync(database, foreign.File);
        File.Copy(foreign.File, mine.File, overwrite: true);
        var refusal = await Assert.ThrowsAsync<OperationFailedException>(() =>
            Signer(database).RunAsync("siem", Cancellation)
        );

        Assert.False(verdict.Holds);
        Assert.Contains("is not a head that this key signed", refusal.Message);
    }

    [Fact]
    public async Task An_export_is_verified_from_its_files_alone()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AuditSample.AddAsync(database, 7);
        await SignAsync(database);
        var folder = Path.Combine(database.Data.Path, "export");

        var export = await new ExportAudit(database.Sentinel, database.Data).RunAsync(
            "siem",
            folder,
            Cancellation
        );
        var untouched = await VerifyExport.RunAsync(folder, [], Cancellation);
        var leaves = Path.Combine(folder, "leaves.jsonl");
        var lines = await File.ReadAllLinesAsync(leaves, Cancellation);
        (lines[1], lines[2]) = (lines[2], lines[1]);
        await File.WriteAllLinesAsync(leaves, lines, Cancellation);
        var swapped = await VerifyExport.RunAsync(folder, [], Cancellation);

        Assert.Equal((7, 1), (export.Leaves, export.Proofs));
        Assert.Empty(untouched);
        Assert.Single(swapped);
    }

    // Tests beside this one have transactions too, and the server has one order of them all.
    static Task<SignedHead> SignAsync(TestDatabase database) =>
        Signer(database)
            .CoverAsync("siem", AuditSample.Organisation, AuditSample.Story, Cancellation);

    static SignHead Signer(TestDatabase database) =>
        new(database.Sentinel, database.Data, TimeProvider.System);

    static async Task<AuditVerdict> VerifyAsync(TestDatabase database, params string[] heads)
    {
        var verdicts = await new VerifyAudit(database.Sentinel, database.Data).RunAsync(
            heads,
            Cancellation
        );
        return verdicts.Single(verdict => verdict.Schema == "siem") with
        {
            Problems = [.. verdicts.SelectMany(verdict => verdict.Problems)],
        };
    }
}
