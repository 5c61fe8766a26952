using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Machines;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Tasks;
using Sentinel.Siem.Findings;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>The table in code is the table in the database, and no row takes another way, whoever writes it.</summary>
public sealed class ArrowTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_arrows_in_the_database_are_the_machines()
    {
        await using var database = await TestDatabase.CreateAsync();
        var stored = await database.AskAsSuperuserAsync<string[]>(
            """
            SELECT array_agg(concat_ws(' ', machine, from_state, trigger, to_state, who, permission, guard))
            FROM (TABLE psa.machine_arrows UNION ALL TABLE siem.machine_arrows) AS arrows
            """
        );
        string[] machines =
        [
            .. CaseMachine.Table.Rows(),
            .. CaseTaskMachine.Table.Rows(),
            .. ApprovalMachine.Table.Rows(),
            .. OutboundMachine.Table.Rows(),
            .. FindingMachine.Table.Rows(),
        ];

        Assert.Equal(machines.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_row_takes_a_way_that_is_no_arrow_whoever_writes_it()
    {
        await using var office = await Office.OpenAsync();
        var database = office.Database;
        await database.RunAsSuperuserAsync(
            Uncheck("cases") + Uncheck("tasks") + Uncheck("approvals")
        );
        await TryAsync(office, "case", "psa.cases", CaseMachine.Table, await office.CaseAsync());
        var (task, approval) = await TaskAndApprovalAsync(office);
        await TryAsync(office, "task", "psa.tasks", CaseTaskMachine.Table, task);
        await TryAsync(office, "approval", "psa.approvals", ApprovalMachine.Table, approval);
    }

    static async Task<(Guid Task, Guid Approval)> TaskAndApprovalAsync(Office office)
    {
        var caseId = await office.CaseAsync();
        var asked = Office.Done(
            await office.AskApproval.RunAsync(office.Workflow, caseId, null, "Close?", Cancellation)
        );
        return ((await office.StoryAsync(caseId)).Tasks[0].Id, asked.Id);
    }

    // What columns have to say in a state is another rule than how a state is reached.
    static string Uncheck(string table) =>
        $"""
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT conname FROM pg_constraint
                    WHERE conrelid = 'psa.{table}'::regclass AND contype = 'c' LOOP
                    EXECUTE 'ALTER TABLE psa.{table} DROP CONSTRAINT ' || quote_ident(name);
                END LOOP;
            END $$;
            """;

    static async Task TryAsync<TState, TTrigger>(
        Office office,
        string name,
        string table,
        ArrowTable<TState, TTrigger> machine,
        Guid row
    )
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        var states = Enum.GetValues<TState>();
        foreach (var (from, to) in states.SelectMany(from => states.Select(to => (from, to))))
        {
            if (from.Equals(to) || machine.Arrows.Any(a => a.From.Equals(from) && a.To.Equals(to)))
                continue;
            await PlaceAsync(office, table, row, StateWord.Of(from));
            var change = $"UPDATE {table} SET status = '{StateWord.Of(to)}' WHERE id = '{row}'";
            // The superuser, with every trick that switches ordinary triggers off.
            var refused = await Assert.ThrowsAsync<PostgresException>(() =>
                office.Database.RunAsSuperuserAsync(
                    "SET session_replication_role = replica; " + change
                )
            );
            Assert.Equal("SNR01", refused.SqlState);
            var rule = await office.RuleByHandAsync(office.Manager.Token, change);
            Assert.Contains(
                rule,
                (string[])[name + ".arrow", name + ".final", "case.closed_is_final"]
            );
        }
    }

    static Task PlaceAsync(Office office, string table, Guid row, string status) =>
        office.Database.RunAsSuperuserAsync(
            $"""
            ALTER TABLE {table} DISABLE TRIGGER USER;
            UPDATE {table} SET status = '{status}' WHERE id = '{row}';
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER a_guard;
            """
        );
}
