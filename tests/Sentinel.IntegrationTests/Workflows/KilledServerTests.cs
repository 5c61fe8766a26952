using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Contract;
using Sentinel.IntegrationTests.Cli;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Outbound;
using Sentinel.Workflows;
using Sentinel.Workflows.Publication;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>
/// The server is killed again and again while workflows of many cases wait for timers and for what a connector
/// answers. How often and how many: <c>SENTINEL_KILLS</c> and <c>SENTINEL_INSTANCES</c>.
/// </summary>
public class KilledServerTests(ITestOutputHelper output)
{
    const int Rounds = 3;

    static readonly int kills = Number("SENTINEL_KILLS", 3);
    static readonly int instances = Number("SENTINEL_INSTANCES", 30);

    // In seconds: about as long as all the killing takes.
    static readonly int longest = Math.Max(2, kills);
    static readonly TimeSpan patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Locks_that_a_killed_server_left_keep_none_from_starting_and_are_taken_over()
    {
        await using var office = await Office.OpenAsync();
        await MigrateAsync(office);
        const int mark = 77;
        await office.Database.RunAsSuperuserAsync(
            $"""
            INSERT INTO hangfire.lock (resource, updatecount, acquired)
            SELECT 'hangfire:lock:recurring-job:' || name, {mark}, now() + interval '1 hour' FROM unnest(ARRAY['deliver-escalations',
                'run-workflows', 'stamp-heads']) AS name ON CONFLICT DO NOTHING
            """
        );
        // Nobody takes them over yet: a start that waits for one of them would fail.
        await using var server = await ServedProcess.StartAsync(office.Database);
        await office.Database.RunAsSuperuserAsync(
            $"UPDATE hangfire.lock SET acquired = now() - interval '1 hour' WHERE updatecount = {mark}"
        );
        var began = Stopwatch.StartNew();
        while (
            await office.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM hangfire.lock WHERE updatecount = {mark}"
            ) > 0
        )
        {
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(2), "They were not taken over.");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Nothing_is_lost_stuck_doubled_or_early()
    {
        var random = new Random(kills * 1_000 + instances);
        await using var office = await Office.OpenAsync();
        await using var connector = await ReferenceConnector.StartAsync();
        await ArrangeAsync(office, connector);
        using var outside = new OutsideWorld(office, connector, random);
        List<Life> lives = [];

        for (var kill = 0; kill < kills; kill++)
        {
            await using var server = await ServedProcess.StartAsync(office.Database);
            outside.Server = server.Url;
            await Task.Delay(random.Next(200, 2_000), TestContext.Current.CancellationToken);
            lives.Add(new Life(server.Ready, await server.KillAsync()));
        }
        await using var last = await ServedProcess.StartAsync(office.Database);
        outside.Server = last.Url;
        await FinishedAsync(office);
        lives.Add(new Life(last.Ready, await last.KillAsync()));

        Assert.Equal(instances * Rounds, connector.Done.Count);
        Assert.Equal(
            $"{instances * Rounds} asked, {instances * Rounds} kept",
            await office.Database.AskAsSuperuserAsync<string>(
                """
                SELECT (SELECT count(*) FROM psa.tasks WHERE task_type = 'automation') || ' asked, '
                    || (SELECT count(DISTINCT (case_id, description)) FROM psa.tasks WHERE task_type = 'keep')
                    || ' kept' || CASE WHEN (SELECT count(*) <> count(DISTINCT (case_id, description))
                        FROM psa.tasks WHERE task_type = 'keep') THEN ', some twice' ELSE '' END
                """
            )
        );
        var late = await LatenessAsync(office, lives);
        output.WriteLine(
            $"{instances} instances, {kills} kills, {late.Count} timers; late by {late[late.Count / 2]:N0} ms in the middle, {late[^1]:N0} ms at most; "
                + $"{connector.Seen.Values.Sum()} requests for {connector.Done.Count} keys, {outside.Answered} answers"
        );
        Assert.Equal(instances * Rounds, late.Count);
        Assert.True(late[0] >= 0, "A timer fired early.");
    }

    readonly record struct Life(DateTimeOffset Ready, DateTimeOffset Killed);

    /// <summary>A connector, the drawing, and a case with a workflow for each number.</summary>
    static async Task MigrateAsync(Office office)
    {
        var migrated = await Launched.RunAsync(
            ServedProcess.Environment(
                office.Database.SuperuserConnectionString,
                office.Database.Data.Path
            ),
            "migrate"
        );
        Assert.Equal(0, migrated.ExitCode);
    }

    static async Task ArrangeAsync(Office office, ReferenceConnector connector)
    {
        await MigrateAsync(office);
        connector.Secret = (
            await office.ConnectorAsync(new NewConnector("tool", "rmm", connector.Url, true))
        ).Secret;
        var activities = CaseActivities.Catalogue(TimeProvider.System);
        var shipped = await new BootstrapWorkflows(activities, TimeProvider.System).RunAsync(
            office.Database.SuperuserConnectionString,
            new Dictionary<string, string> { ["walk.json"] = Walk() },
            default
        );
        Assert.Empty(shipped.Problems);
        var starting = new CaseWorkflows(
            new WorkflowRunner(
                office.Database.Sentinel,
                activities,
                organisation => office.Machines.For(organisation, "workflow"),
                TimeProvider.System,
                NullLogger<WorkflowRunner>.Instance
            )
        );
        for (var number = 0; number < instances; number++)
            await BeginAsync(office, starting, number);
    }

    static async Task BeginAsync(Office office, CaseWorkflows starting, int number)
    {
        var caseId = await office.CaseAsync();
        await using var work = await PresentedTransaction.BeginAsync(
            office.Database.Sentinel.Psa,
            office.Siem,
            default
        );
        var finding = new EscalatedFinding(
            Guid.CreateVersion7(),
            "brute_force",
            7,
            80,
            "root was let in",
            DateTimeOffset.UnixEpoch,
            new Dictionary<string, string>
            {
                ["n"] = number.ToString(CultureInfo.InvariantCulture),
            },
            []
        );
        var instance = await starting.StartAsync(work, "walk", caseId, finding, caseId, default);
        await OpeningStore.WorkflowAsync(
            work,
            caseId,
            instance!.Value,
            "walk",
            TimeProvider.System.GetUtcNow(),
            default
        );
        await work.CommitAsync(default);
    }

    static async Task FinishedAsync(Office office)
    {
        var watch = Stopwatch.StartNew();
        long open;
        do
        {
            await Task.Delay(200);
            open = await office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE status <> 'finished'"
            );
        } while (open > 0 && watch.Elapsed < patience);
        if (open > 0)
            Assert.Fail(
                await office.Database.AskAsSuperuserAsync<string>(
                    """
                    SELECT string_agg(DISTINCT concat_ws(' ', status, last_error, (SELECT message
                        FROM workflow.workflow_journal j WHERE j.instance_id = i.id AND event = 'faulted' LIMIT 1),
                        (SELECT activity_id FROM workflow.workflow_bookmarks b
                        WHERE b.instance_id = i.id AND burned_at IS NULL LIMIT 1)), '; ')
                    FROM workflow.workflow_instances i WHERE status <> 'finished'
                    """
                )
            );
    }

    /// <summary>
    /// By how many milliseconds each instance went on late, after its time or after a server could see it.
    /// When it was due is reckoned from the journal and the drawing, not from the timer's row.
    /// </summary>
    static async Task<List<double>> LatenessAsync(Office office, List<Life> lives)
    {
        var all = await office.Database.AskAsSuperuserAsync<string[]>(
            """
            SELECT array_agg(concat_ws(' ', extract(epoch FROM s.happened_at), extract(epoch FROM r.happened_at),
                i.inputs ->> 'N', s.round))
            FROM workflow.workflow_journal s
            JOIN workflow.workflow_journal r USING (instance_id, activity_id, round)
            JOIN workflow.workflow_instances i ON i.id = instance_id
            WHERE activity_id = 'pause' AND s.event = 'suspended' AND r.event = 'resumed'
            """
        );
        return
        [
            .. all.Select(pause => pause.Split(' '))
                .Select(pause =>
                    Late(
                        lives,
                        Moment(pause[0]) + TimeSpan.FromSeconds(Seconds(pause[2], pause[3])),
                        Moment(pause[1])
                    )
                )
                .Order(),
        ];
    }

    static int Seconds(string instance, string round) =>
        (
            (int.Parse(instance, CultureInfo.InvariantCulture) * 7)
            + (int.Parse(round, CultureInfo.InvariantCulture) * 13)
        ) % longest;

    static double Late(List<Life> lives, DateTimeOffset due, DateTimeOffset fired)
    {
        if (fired < due)
            return (fired - due).TotalMilliseconds;
        var waited = TimeSpan.Zero;
        foreach (var life in lives)
        {
            var (from, until) = (
                life.Ready > due ? life.Ready : due,
                life.Killed < fired ? life.Killed : fired
            );
            if (until > from)
                waited += until - from;
        }
        return waited.TotalMilliseconds;
    }

    static DateTimeOffset Moment(string epoch) =>
        DateTimeOffset.UnixEpoch
        + TimeSpan.FromTicks(
            (long)(decimal.Parse(epoch, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond)
        );

    /// <summary>Three rounds of a request to a connector, a timer of up to so many seconds, and a task.</summary>
    static string Walk()
    {
        var body = new[]
        {
            Activity(
                "ask",
                "Sentinel.RunRmmScript",
                ("connector", Value("Literal", "tool")),
                ("action", Value("Literal", "act"))
            ),
            Activity(
                "pause",
                "Elsa.Delay",
                (
                    "timeSpan",
                    Value(
                        "JavaScript",
                        $"1000 * ((getInput('N') * 7 + getCurrentValue() * 13) % {longest})"
                    )
                )
            ),
            Activity(
                "keep",
                "Sentinel.CreateTask",
                ("taskType", Value("Literal", "keep")),
                ("description", Value("JavaScript", "'Round ' + getCurrentValue()"))
            ),
        };
        var rounds = Activity(
            "rounds",
            "Elsa.For",
            ("start", Value("Literal", 1)),
            ("end", Value("Literal", Rounds)),
            (
                "body",
                new JsonObject
                {
                    ["id"] = "body",
                    ["type"] = "Elsa.Sequence",
                    ["activities"] = new JsonArray([.. body]),
                }
            )
        );
        return new JsonObject
        {
            ["definitionId"] = "walk",
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["activities"] = new JsonArray(rounds),
                ["connections"] = new JsonArray(),
            },
        }.ToJsonString();
    }

    static JsonObject Activity(string id, string type, params (string Name, JsonNode Value)[] all)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type };
        foreach (var (name, value) in all)
            activity[name] = value;
        return activity;
    }

    static JsonObject Value(string type, object value) =>
        new() { ["expression"] = JsonSerializer.SerializeToNode(new { type, value }) };

    static int Number(string variable, int usual) =>
        int.TryParse(
            Environment.GetEnvironmentVariable(variable),
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : usual;
}
