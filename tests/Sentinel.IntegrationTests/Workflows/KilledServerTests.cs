using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Server;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>
/// A server's worker is killed again and again while instances wait for timers and callbacks. How often and
/// how many: <c>SENTINEL_KILLS</c> and <c>SENTINEL_INSTANCES</c>.
/// </summary>
public class KilledServerTests(ITestOutputHelper output)
{
    const int Rounds = 3;

    static readonly int kills = Number("SENTINEL_KILLS", 6);
    static readonly int instances = Number("SENTINEL_INSTANCES", 40);

    // In seconds: about as long as all the killing takes.
    static readonly int longest = Math.Max(2, kills);
    static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Nothing_is_lost_stuck_doubled_or_early()
    {
        var random = new Random(kills * 1_000 + instances);
        await using var workshop = await Workshop.OpenAsync(WorkerProcess.Activities());
        await workshop.Database.RunAsSuperuserAsync(
            "CREATE TABLE public.lives (ready_at timestamptz); GRANT USAGE ON SCHEMA public TO jobs; GRANT INSERT ON public.lives TO jobs"
        );
        await workshop.ShipAsync(Walk());
        for (var number = 0; number < instances; number++)
            await workshop.StartAsync("walk", ("N", number.ToString(CultureInfo.InvariantCulture)));
        List<Life> lives = [];
        using var over = new CancellationTokenSource();
        var calls = CallBackAsync(workshop, random, over.Token);

        for (var kill = 0; kill < kills; kill++)
            lives.Add(
                await LiveAsync(workshop, TimeSpan.FromMilliseconds(random.Next(200, 1_500)))
            );
        using var last = Start(workshop);
        lives.Add(new Life(await ReadyAsync(workshop, lives.Count), DateTimeOffset.MaxValue));
        await FinishedAsync(workshop, calls);
        last.Kill();
        await over.CancelAsync();
        await calls;

        Assert.Equal(
            $"{instances * Rounds} effects, {instances * Rounds} keys",
            await workshop.Database.AskAsSuperuserAsync<string>(
                "SELECT count(*) || ' effects, ' || count(DISTINCT key) || ' keys' FROM public.effects"
            )
        );
        var late = await LatenessAsync(workshop, lives);
        output.WriteLine(
            $"{instances} instances, {kills} kills, {late.Count} timers; late by {late[late.Count / 2]:N0} ms in the middle, {late[^1]:N0} ms at most"
        );
        Assert.Equal(instances * Rounds, late.Count);
        Assert.True(late[0] >= 0, "A timer fired early.");
    }

    /// <summary>Not a test of its own: the process that is killed.</summary>
    [Fact(Explicit = true)]
    public async Task Server()
    {
        var (database, runner) = WorkerProcess.Inside();
        await using var open = database;
        var isReady = false;
        using var worker = new ChannelWorker(
            database,
            "workflows",
            null,
            TimeSpan.FromMilliseconds(100),
            async cancellation =>
            {
                while (!(await runner.RunDueAsync(50, cancellation)).NothingToDo) { }
                if (!isReady)
                {
                    await using var ready = database.Jobs.CreateCommand(
                        "INSERT INTO public.lives VALUES (clock_timestamp())"
                    );
                    await ready.ExecuteNonQueryAsync(cancellation);
                    isReady = true;
                }
            },
            TimeProvider.System,
            NullLogger<ChannelWorker>.Instance
        );
        await worker.StartAsync(CancellationToken.None);
        await worker.ExecuteTask!;
    }

    readonly record struct Life(DateTimeOffset Ready, DateTimeOffset Killed);

    static async Task<Life> LiveAsync(Workshop workshop, TimeSpan time)
    {
        var before = await workshop.Database.AskAsSuperuserAsync<long>(
            "SELECT count(*) FROM public.lives"
        );
        using var server = Start(workshop);
        var ready = await ReadyAsync(workshop, (int)before);
        await Task.Delay(time);
        server.Kill();
        var killed = TimeProvider.System.GetUtcNow();
        await server.WaitForExitAsync();
        return new Life(ready, killed);
    }

    static async Task<DateTimeOffset> ReadyAsync(Workshop workshop, int before)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < patience)
        {
            if (
                await workshop.Database.AskAsSuperuserAsync<long>(
                    "SELECT count(*) FROM public.lives"
                ) > before
            )
                return new DateTimeOffset(
                    await workshop.Database.AskAsSuperuserAsync<DateTime>(
                        "SELECT max(ready_at) FROM public.lives"
                    ),
                    TimeSpan.Zero
                );
            await Task.Delay(10);
        }
        throw new TimeoutException("The server never began.");
    }

    static async Task FinishedAsync(Workshop workshop, Task calls)
    {
        var watch = Stopwatch.StartNew();
        long open;
        do
        {
            await Task.Delay(200);
            if (calls.IsFaulted)
                await calls;
            open = await workshop.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE status <> 'finished'"
            );
        } while (open > 0 && watch.Elapsed < patience);
        if (open > 0)
            Assert.Fail(
                await workshop.Database.AskAsSuperuserAsync<string>(
                    """
                    SELECT string_agg(DISTINCT concat_ws(' ', status, last_error, (SELECT message
                        FROM workflow.workflow_journal j WHERE j.instance_id = i.id AND event = 'faulted' LIMIT 1)), '; ')
                    FROM workflow.workflow_instances i WHERE status <> 'finished'
                    """
                )
            );
    }

    /// <summary>Those outside who answer, a few at a time, some of them twice.</summary>
    static async Task CallBackAsync(Workshop workshop, Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var open = await workshop.Database.AskAsSuperuserAsync<string[]>(
                """
                SELECT coalesce(array_agg(key), '{}') FROM (SELECT key FROM workflow.workflow_bookmarks
                    WHERE name = 'Elsa.Event' AND burned_at IS NULL ORDER BY md5(key || now()) LIMIT 20) AS few
                """
            );
            foreach (var key in open)
                await workshop.ResumeAsync("Elsa.Event", key, "Done");
            await Task.Delay(random.Next(20, 200), CancellationToken.None);
        }
    }

    /// <summary>
    /// By how many milliseconds each instance went on late, after its time or after a server could see it.
    /// When it was due is reckoned from the journal and the drawing, not from the timer's row.
    /// </summary>
    static async Task<List<double>> LatenessAsync(Workshop workshop, List<Life> lives)
    {
        var all = await workshop.Database.AskAsSuperuserAsync<string[]>(
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

    static Process Start(Workshop workshop) =>
        WorkerProcess.Start(workshop, typeof(KilledServerTests), nameof(Server));

    /// <summary>Three rounds of an effect, a timer of up to so many seconds, and a callback.</summary>
    static string Walk() =>
        JsonSerializer.Serialize(
            new
            {
                definitionId = "walk",
                root = new
                {
                    id = "flow",
                    type = "Elsa.Flowchart",
                    activities = new object[]
                    {
                        new
                        {
                            id = "rounds",
                            type = "Elsa.For",
                            start = Value("Literal", 1),
                            end = Value("Literal", Rounds),
                            body = new
                            {
                                id = "body",
                                type = "Elsa.Sequence",
                                activities = new object[]
                                {
                                    new
                                    {
                                        id = "note",
                                        type = "Test.Note",
                                        text = Value(
                                            "JavaScript",
                                            "getInput('N') + '/' + getCurrentValue()"
                                        ),
                                    },
                                    new
                                    {
                                        id = "pause",
                                        type = "Elsa.Delay",
                                        timeSpan = Value(
                                            "JavaScript",
                                            $"1000 * ((getInput('N') * 7 + getCurrentValue() * 13) % {longest})"
                                        ),
                                    },
                                    new
                                    {
                                        id = "call",
                                        type = "Elsa.Event",
                                        eventName = Value(
                                            "JavaScript",
                                            "'call-' + getInput('N') + '-' + getCurrentValue()"
                                        ),
                                    },
                                },
                            },
                        },
                    },
                    connections = Array.Empty<object>(),
                },
            }
        );

    static object Value(string type, object value) => new { expression = new { type, value } };

    static int Number(string variable, int usual) =>
        int.TryParse(
            Environment.GetEnvironmentVariable(variable),
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : usual;
}
