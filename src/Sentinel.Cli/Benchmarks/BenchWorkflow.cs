using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Automation;
using Sentinel.Workflows;
using Sentinel.Workflows.Publication;

namespace Sentinel.Cli.Benchmarks;

/// <param name="Failures">What did not do what it had to, so that no figure is printed for it.</param>
sealed record WorkflowReport(
    BenchMachine Machine,
    IReadOnlyList<Measurement> Measurements,
    IReadOnlyList<string> Failures
);

/// <summary>
/// Durable instances of three activities and answers to waiting ones, by clients that commit each by itself
/// while one worker advances them: first on empty tables, then beside what a long life leaves.
/// </summary>
sealed class BenchWorkflow
{
    const int Clients = 8;

    // Until the runtime has compiled what is called often, and the tables are no longer so small that plans which
    // read them whole are the cheapest ones.
    const int WarmUp = 2_000;
    const int Claimed = 50;
    const string TaskType = "Elsa.RunTask";

    const string Tables =
        "workflow.workflow_instances, workflow.workflow_bookmarks, workflow.workflow_journal";

    const string SetVariable = """
        {"id":"middle","type":"Elsa.SetVariable","variable":{"id":"v","name":"V","typeName":"String"},
         "value":{"typeName":"Object","expression":{"type":"Literal","value":"done"}}}
        """;

    const string RunTask = """
        {"id":"middle","type":"Elsa.RunTask",
         "taskName":{"typeName":"String","expression":{"type":"Literal","value":"do it"}}}
        """;

    public required int Instances { get; init; }
    public required int Finished { get; init; }
    public required int Waiting { get; init; }

    readonly List<Measurement> measured = [];
    readonly List<string> failures = [];

    public async Task<WorkflowReport> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sentinel-bench").FullName;
        try
        {
            await using var stage = await CaseworkStage.OpenAsync(folder, cancellation);
            await ShipAsync(stage, cancellation);
            var machines = new MachineSecrets(stage.Data);
            var runner = new WorkflowRunner(
                stage.Database,
                CaseActivities.Catalogue(TimeProvider.System),
                organisation => machines.For(organisation, "workflow"),
                TimeProvider.System,
                NullLogger<WorkflowRunner>.Instance
            );
            var by = machines.For(stage.OrganisationId, "siem");
            await StartsAsync(stage, runner, by, "warm_up", WarmUp, null, cancellation);
            await ResumesAsync(stage, runner, by, "warm_up", WarmUp, null, cancellation);
            measured.Clear();
            // As autovacuum does within the first minute of a server's life.
            await stage.RunAsync($"ANALYZE {Tables}", cancellation);
            var starts = await StartsAsync(
                stage,
                runner,
                by,
                "starts",
                Instances,
                null,
                cancellation
            );
            var resumes = await ResumesAsync(
                stage,
                runner,
                by,
                "resumes",
                Instances,
                null,
                cancellation
            );
            await FillAsync(stage, cancellation);
            await StartsAsync(
                stage,
                runner,
                by,
                "starts_beside_many",
                Instances,
                starts,
                cancellation
            );
            await ResumesAsync(
                stage,
                runner,
                by,
                "resumes_beside_many",
                Instances,
                resumes,
                cancellation
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return new WorkflowReport(BenchMachine.This(), measured, failures);
    }

    static async Task ShipAsync(CaseworkStage stage, CancellationToken cancellation)
    {
        var shipped = await new BootstrapWorkflows(
            CaseActivities.Catalogue(TimeProvider.System),
            TimeProvider.System
        ).RunAsync(
            stage.Server.SuperuserConnectionString,
            new Dictionary<string, string>
            {
                ["three.json"] = Definition("bench_three", SetVariable),
                ["wait.json"] = Definition("bench_wait", RunTask),
            },
            cancellation
        );
        if (shipped.Problems.Count > 0)
            throw new Postgres.OperationFailedException(string.Join(' ', shipped.Problems));
    }

    // Start, one activity, and an output: the middle one is what the definition is about.
    static string Definition(string id, string middle) =>
        $$$$$$"""
            {"definitionId":"{{{{{{id}}}}}}","name":"{{{{{{id}}}}}}",
             "variables":[{"id":"v","name":"V","typeName":"String","value":""}],
             "outputs":[{"name":"Result","type":"String"}],
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[
              {"id":"begin","type":"Elsa.Start"},
              {{{{{{middle}}}}}},
              {"id":"out","type":"Elsa.SetOutput",
               "outputName":{"typeName":"String","expression":{"type":"Literal","value":"Result"}},
               "outputValue":{"typeName":"Object","expression":{"type":"Variable","value":{"id":"v","name":"V","typeName":"String"}}}}],
             "connections":[
              {"source":{"activity":"begin","port":"Done"},"target":{"activity":"middle","port":"In"}},
              {"source":{"activity":"middle","port":"Done"},"target":{"activity":"out","port":"In"}}]}}
            """;

    async Task<double> StartsAsync(
        CaseworkStage stage,
        WorkflowRunner runner,
        Secret by,
        string name,
        int count,
        double? before,
        CancellationToken cancellation
    )
    {
        var finished = await CountAsync(stage, "finished", cancellation);
        var clock = Stopwatch.StartNew();
        await WhileWorkingAsync(
            runner,
            () => EachAsync(count, _ => StartAsync(stage, runner, by, "bench_three", cancellation)),
            cancellation
        );
        var rate = count / clock.Elapsed.TotalSeconds;
        var came = await CountAsync(stage, "finished", cancellation) - finished;
        if (came != count)
            failures.Add($"{name}: {came} of {count} instances finished");
        return await NoteAsync(
            stage,
            name,
            $"{count} instances of three activities, {Clients} clients",
            count,
            clock.Elapsed,
            rate,
            before,
            cancellation
        );
    }

    async Task<double> ResumesAsync(
        CaseworkStage stage,
        WorkflowRunner runner,
        Secret by,
        string name,
        int count,
        double? before,
        CancellationToken cancellation
    )
    {
        await WhileWorkingAsync(
            runner,
            () => EachAsync(count, _ => StartAsync(stage, runner, by, "bench_wait", cancellation)),
            cancellation
        );
        var keys = await stage.AskAsync<string[]>(
            $"""
            SELECT array_agg(key) FROM (SELECT key FROM workflow.workflow_bookmarks
                WHERE burned_at IS NULL AND key NOT LIKE 'filled %' LIMIT {count}) AS waiting
            """,
            cancellation
        );
        var finished = await CountAsync(stage, "finished", cancellation);
        var clock = Stopwatch.StartNew();
        await WhileWorkingAsync(
            runner,
            () => EachAsync(keys.Length, at => ResumeAsync(stage, by, keys[at], cancellation)),
            cancellation
        );
        var came = await CountAsync(stage, "finished", cancellation) - finished;
        if (came != count)
            failures.Add($"{name}: {came} of {count} instances finished");
        return await NoteAsync(
            stage,
            name,
            $"{keys.Length} waiting instances answered, {Clients} clients",
            keys.Length,
            clock.Elapsed,
            keys.Length / clock.Elapsed.TotalSeconds,
            before,
            cancellation
        );
    }

    async Task<double> NoteAsync(
        CaseworkStage stage,
        string name,
        string input,
        int count,
        TimeSpan time,
        double rate,
        double? before,
        CancellationToken cancellation
    )
    {
        Dictionary<string, double> ratios = new()
        {
            ["bytes_each"] = Math.Round(
                await stage.AskAsync<double>(
                    """
                    SELECT sum(pg_total_relation_size(c.oid))::float8
                        / (SELECT count(*) FROM workflow.workflow_instances)
                    FROM pg_class c WHERE c.relnamespace = 'workflow'::regnamespace AND c.relkind = 'r'
                    """,
                    cancellation
                )
            ),
        };
        if (before is { } empty)
            ratios["of_empty_tables"] = Math.Round(rate / empty, 3);
        measured.Add(
            new Measurement(name)
            {
                Input = input,
                Events = count,
                Seconds = Math.Round(time.TotalSeconds, 3),
                EventsPerSecond = Math.Round(rate, 1),
                Ratios = ratios,
            }
        );
        return rate;
    }

    /// <summary>A worker goes on until what the clients brought is done.</summary>
    static async Task WhileWorkingAsync(
        WorkflowRunner runner,
        Func<Task> clients,
        CancellationToken cancellation
    )
    {
        var bringing = clients();
        while (true)
        {
            var over = bringing.IsCompleted;
            var round = await runner.RunDueAsync(Claimed, cancellation);
            if (round.NothingToDo && over)
                break;
        }
        await bringing;
    }

    static Task EachAsync(int count, Func<int, Task> act)
    {
        var next = -1;
        return Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        for (int at; (at = Interlocked.Increment(ref next)) < count; )
                            await act(at);
                    })
                )
        );
    }

    static async Task StartAsync(
        CaseworkStage stage,
        WorkflowRunner runner,
        Secret by,
        string definition,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            stage.Database.Psa,
            by,
            cancellation
        );
        await runner.StartAsync(
            work,
            definition,
            new Dictionary<string, JsonElement>(),
            null,
            cancellation
        );
        await work.CommitAsync(cancellation);
    }

    static async Task ResumeAsync(
        CaseworkStage stage,
        Secret by,
        string key,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            stage.Database.Psa,
            by,
            cancellation
        );
        await WorkflowRunner.ResumeAsync(
            work,
            TaskType,
            key,
            "Done",
            new Dictionary<string, JsonElement>(),
            TimeProvider.System.GetUtcNow(),
            cancellation
        );
        await work.CommitAsync(cancellation);
    }

    static async Task<int> CountAsync(
        CaseworkStage stage,
        string status,
        CancellationToken cancellation
    ) =>
        await stage.AskAsync<int>(
            $"SELECT count(*)::int FROM workflow.workflow_instances WHERE status = '{status}'",
            cancellation
        );

    /// <summary>What a long life leaves: copies of what ran and of what waits, past the triggers.</summary>
    async Task FillAsync(CaseworkStage stage, CancellationToken cancellation)
    {
        await stage.RunAsync(
            $"""
            SET session_replication_role = replica;
            CREATE TEMP TABLE filled ON COMMIT PRESERVE ROWS AS
                SELECT gen_random_uuid() AS id, n <= {Finished} AS ended FROM generate_series(1, {Finished
                + Waiting}) AS n;
            CREATE TEMP TABLE sample ON COMMIT PRESERVE ROWS AS
                SELECT DISTINCT ON (s.definition_id) s.definition_id = 'bench_three' AS ended, i.id AS source
                FROM workflow.workflow_instances i JOIN workflow.shipped_definitions s ON s.id = i.shipped_id
                WHERE s.definition_id LIKE 'bench%';
            INSERT INTO workflow.workflow_instances (id, organisation_id, shipped_id, inputs, started_by, started_at,
                status, state, ended_at)
            SELECT f.id, i.organisation_id, i.shipped_id, i.inputs, i.started_by, i.started_at,
                CASE WHEN f.ended THEN 'finished' ELSE 'suspended' END, i.state, CASE WHEN f.ended THEN i.ended_at END
            FROM filled f JOIN sample s ON s.ended = f.ended JOIN workflow.workflow_instances i ON i.id = s.source;
            INSERT INTO workflow.workflow_journal
            SELECT j.organisation_id, f.id, j.number, j.activity_id, j.event, j.round, j.outcomes, j.message, j.detail,
                j.happened_at
            FROM filled f JOIN sample s ON s.ended = f.ended JOIN workflow.workflow_journal j ON j.instance_id = s.source;
            INSERT INTO workflow.workflow_bookmarks (organisation_id, instance_id, execution, activity_id, name, key,
                payload, created_at)
            SELECT b.organisation_id, f.id, b.execution, b.activity_id, b.name, 'filled ' || f.id, b.payload, b.created_at
            FROM filled f JOIN sample s ON s.ended = f.ended
            JOIN workflow.workflow_bookmarks b ON b.instance_id = s.source WHERE NOT f.ended;
            SET session_replication_role = DEFAULT
            """,
            cancellation
        );
        // Nobody is to tidy up behind that while it is measured.
        await stage.RunAsync($"VACUUM (ANALYZE) {Tables}", cancellation);
        await stage.RunAsync("CHECKPOINT", cancellation);
    }
}
