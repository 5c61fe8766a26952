using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.IntegrationTests.Support;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Ownership;
using Sentinel.Testing;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// Sixteen people at once, with connections that are cut under them: what happens happens once, whoever
/// was told so is in the audit log, and nothing is missing from its order.
/// </summary>
public sealed class RaceTests
{
    const int PeopleCount = 16;
    const int RoundsOfASuite = 3;
    const int RoundsOfALongRun = 1000;
    const int SignaturesMax = 300;

    static int Rounds =>
        Environment.GetEnvironmentVariable("SENTINEL_LONG") == "1"
            ? RoundsOfALongRun
            : RoundsOfASuite;

    [Fact]
    public async Task Sixteen_people_close_approve_reassign_and_open_at_once()
    {
        await using var office = await Office.OpenAsync();
        List<Office.Person> people = [office.Manager];
        while (people.Count < PeopleCount)
            people.Add(await office.HireAsync($"p{people.Count}", RoleSeeds.IncidentManager));
        var chance = new Random((int)RunSeed.Chance.Seed);
        for (var round = 0; round < Rounds; round++)
            await RoundAsync(office, people, chance);
        await CheckNumbersAsync(office);
        await CheckTreeAsync(office);
    }

    static async Task RoundAsync(Office office, List<Office.Person> people, Random chance)
    {
        var closing = await office.ResolvedCaseAsync();
        Office.Done(await office.AttestCase.RunAsync(people[0].Token, closing, "Read it", default));
        var passed = await office.CaseAsync();
        var asked = Office.Done(
            await office.AskApproval.RunAsync(office.Analyst.Token, passed, null, "May I?", default)
        );
        var tally = new Tally();
        List<Task> running = [];
        foreach (var person in people)
        {
            var next = people[chance.Next(people.Count)].Id;
            var decision = chance.Next(2) == 0 ? ApprovalTrigger.Approve : ApprovalTrigger.Refuse;
            Func<Task>[] deeds =
            [
                () =>
                    tally.CountAsync(
                        "close",
                        office.CloseCase.RunAsync(person.Token, closing, default)
                    ),
                () =>
                    tally.CountAsync(
                        "decide",
                        office.DecideApproval.RunAsync(
                            person.Token,
                            asked.Id,
                            decision,
                            "so",
                            default
                        )
                    ),
                () =>
                    tally.CountAsync(
                        "assign",
                        office.AssignCase.RunAsync(
                            person.Token,
                            passed,
                            new NextOwner(next, null, null),
                            default
                        )
                    ),
                () =>
                    tally.CountAsync(
                        "open",
                        office.OpenCaseByHand.RunAsync(person.Token, ByHand(), default)
                    ),
            ];
            chance.Shuffle(deeds);
            running.Add(InTurnAsync(deeds));
        }
        for (var cut = 0; cut < 3; cut++)
            await CutAsync(office.Database);
        await Task.WhenAll(running);
        await CheckAsync(office, closing, passed, asked.Id, tally);
    }

    static async Task InTurnAsync(Func<Task>[] deeds)
    {
        await Task.Yield();
        foreach (var deed in deeds)
            await deed();
    }

    static CaseByHand ByHand() =>
        new("incident", 5, "Opened in the crowd", [], null, new ClosingRequirements([], []), null);

    /// <summary>Ends one connection in the middle of what it does, as a lost backend would.</summary>
    static Task CutAsync(TestDatabase database) =>
        database.RunAsSuperuserAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = 'psa' AND state <> 'idle'
            ORDER BY random() LIMIT 1
            """
        );

    static async Task CheckAsync(Office office, Guid closing, Guid passed, Guid asked, Tally tally)
    {
        var closed = await CountAsync(office, "action = 'case.closed'", closing);
        Assert.InRange(tally.Done("close"), 0, 1);
        Assert.InRange(closed, tally.Done("close"), 1);
        Assert.Equal(
            closed,
            await office.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM psa.case_seals WHERE case_id = '{closing}'"
            )
        );
        Assert.Equal(
            closed == 1 ? "closed" : "resolved",
            await office.Database.AskAsSuperuserAsync<string>(
                $"SELECT status FROM psa.cases WHERE id = '{closing}'"
            )
        );

        var decided = await CountAsync(
            office,
            "action IN ('approval.approved', 'approval.refused')",
            passed
        );
        Assert.InRange(tally.Done("decide"), 0, 1);
        Assert.InRange(decided, tally.Done("decide"), 1);
        Assert.Equal(
            decided == 0,
            await office.Database.AskAsSuperuserAsync<bool>(
                $"SELECT status = 'asked' FROM psa.approvals WHERE id = '{asked}'"
            )
        );

        // Each hand-over begins where the one before it ended: none is missing from the log.
        Assert.True(
            await office.Database.AskAsSuperuserAsync<bool>(
                $"""
                WITH handed AS (
                    SELECT metadata -> 'owner_id' ->> 0 AS before, metadata -> 'owner_id' ->> 1 AS after,
                        lag(metadata -> 'owner_id' ->> 1) OVER (ORDER BY position) AS last, position
                    FROM psa.audit_log WHERE subject_id = '{passed}' AND metadata ? 'owner_id'
                      AND action = 'case.changed')
                SELECT coalesce(bool_and(before IS NOT DISTINCT FROM last), true) AND (
                    SELECT owner_id::text FROM psa.cases WHERE id = '{passed}') IS NOT DISTINCT FROM (
                    SELECT after FROM handed ORDER BY position DESC LIMIT 1)
                FROM handed
                """
            ),
            "an owner came from nowhere"
        );
        Assert.True(tally.Told > 0, "nobody was told anything");
    }

    /// <summary>Numbers that people say have no gap, and whoever was told of a case finds it.</summary>
    static async Task CheckNumbersAsync(Office office) =>
        Assert.True(
            await office.Database.AskAsSuperuserAsync<bool>(
                "SELECT max(number) = count(*) AND min(number) = 1 FROM psa.cases"
            )
        );

    static async Task CheckTreeAsync(Office office)
    {
        await SignAllAsync(office);
        var verdicts = await new VerifyAudit(
            office.Database.Sentinel,
            office.Database.Data
        ).RunAsync([], default);
        Assert.All(verdicts, verdict => Assert.True(verdict.Holds));
        Assert.True(
            await office.Database.AskAsSuperuserAsync<bool>(
                """
                SELECT (SELECT count(*) FROM psa.audit_log) = count(*) AND max(leaf_index) = count(*) - 1
                FROM psa.audit_leaves
                """
            ),
            "a row of the log is not in the tree, or an index is"
        );
    }

    // Rows at or above a transaction that still runs, also in another database of the server, wait for
    // the next head: it may be one whose connection was cut a moment ago.
    static async Task SignAllAsync(Office office)
    {
        var signer = new SignHead(
            office.Database.Sentinel,
            office.Database.Data,
            TimeProvider.System
        );
        for (var again = 0; again < SignaturesMax; again++)
        {
            await signer.RunAsync("psa", default);
            var waiting = await office.Database.AskAsSuperuserAsync<bool>(
                "SELECT (SELECT count(*) FROM psa.audit_log) > count(*) FROM psa.audit_leaves"
            );
            if (!waiting)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }
    }

    static Task<long> CountAsync(Office office, string condition, Guid subject) =>
        office.Database.AskAsSuperuserAsync<long>(
            $"SELECT count(*) FROM psa.audit_log WHERE subject_id = '{subject}' AND {condition}"
        );

    /// <summary>What people were told; a connection that was cut tells nothing.</summary>
    sealed class Tally
    {
        readonly Dictionary<string, int> done = [];
        int told;

        public int Told => told;

        public int Done(string what)
        {
            lock (done)
                return done.GetValueOrDefault(what);
        }

        public async Task CountAsync<T>(string what, Task<Outcome<T>> deed)
        {
            try
            {
                var outcome = await deed;
                Interlocked.Increment(ref told);
                lock (done)
                    if (outcome is Outcome<T>.Done)
                        done[what] = done.GetValueOrDefault(what) + 1;
            }
            catch (NpgsqlException cut) when (IsCut(cut)) { }
        }

        static bool IsCut(NpgsqlException cut) =>
            cut is not PostgresException { SqlState: var state }
            || state == PostgresErrorCodes.AdminShutdown;
    }
}
