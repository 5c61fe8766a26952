using Sentinel.Workflows;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A worker is killed at each of its stations, in a process of its own, and another goes on.</summary>
public class KilledWorkerTests
{
    const int SigKillExitCode = 137;

    static readonly object[] Steps =
    [
        Flow.Note("a", "1"),
        Flow.Delay("pause", "00:00:00"),
        Flow.Note("b", "2"),
        Flow.Note("c", "3"),
        Flow.Delay("rest", "00:00:00"),
    ];

    public static TheoryData<string, int> Stations()
    {
        var data = new TheoryData<string, int>();
        foreach (var station in WorkflowRunner.Stations)
        {
            data.Add(station, 1);
            data.Add(station, 2);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Stations))]
    public async Task Nothing_is_lost_and_nothing_doubled_at(string station, int visit)
    {
        await using var workshop = await Workshop.OpenAsync(WorkerProcess.Activities());
        await workshop.ShipAsync(Flow.Of("walk", Steps));
        var calm = await workshop.StartAsync("walk");
        await workshop.RunAsync();
        await workshop.Database.RunAsSuperuserAsync("TRUNCATE public.effects");

        var killed = await workshop.StartAsync("walk");
        Assert.Equal(SigKillExitCode, await RunWorkerAsync(workshop, $"{station}:{visit}"));
        Assert.NotEqual("finished", await workshop.StatusAsync(killed));
        for (var minute = 0; minute < 3; minute++)
        {
            workshop.Clock.Advance(TimeSpan.FromMinutes(1));
            await workshop.RunAsync();
        }

        Assert.Equal("finished", await workshop.StatusAsync(killed));
        Assert.Equal("1,2,3", await workshop.EffectsAsync());
        Assert.Equal(await workshop.JournalAsync(calm), await workshop.JournalAsync(killed));
    }

    /// <summary>Not a test of its own: the process that is killed.</summary>
    [Fact(Explicit = true)]
    public async Task Worker()
    {
        var (database, runner) = WorkerProcess.Inside();
        await using var open = database;
        while (!(await runner.RunDueAsync(10, CancellationToken.None)).NothingToDo)
            continue;
    }

    static async Task<int> RunWorkerAsync(Workshop workshop, string crashAt)
    {
        using var worker = WorkerProcess.Start(
            workshop,
            typeof(KilledWorkerTests),
            nameof(Worker),
            crashAt
        );
        await worker.WaitForExitAsync();
        return worker.ExitCode;
    }
}
