using Microsoft.Extensions.Time.Testing;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Figures;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Ownership;
using Sentinel.Psa.Tasks;
using Sentinel.Testing;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>
/// Figures of random histories, now and as of every moment between two steps, against a plain count
/// over what the test itself did.
/// </summary>
public sealed class FiguresTests
{
    const int Steps = 60;

    static readonly string[] types = ["incident", "problem", "change", "audit"];

    [Fact]
    public async Task Figures_of_any_moment_are_what_a_plain_count_says()
    {
        await using var office = await Office.OpenAsync();
        var random = new Random((int)RunSeed.Chance.Seed);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-60));
        List<Seen> cases = [];
        List<(DateTimeOffset At, string Expected)> moments = [];
        for (var step = 0; step < Steps; step++)
        {
            clock.Advance(TimeSpan.FromMinutes(random.Next(1, 3000)));
            await StepAsync(office, random, clock, cases);
            // Between two rows of the log, whose clock is the database's.
            var at = await NowAsync(office);
            moments.Add((at, Plain(office, cases, at)));
        }

        foreach (var (at, expected) in moments)
            Assert.Equal(expected, Said(office, await ReportAsync(office, at)));
    }

    [Fact]
    public async Task A_late_answer_is_counted_from_the_moment_at_which_the_log_knew()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var before = await NowAsync(office);
        await office.ByHandAsync(
            office.Analyst.Token,
            """
            UPDATE psa.case_sla SET breached = true, breached_at = response_due_at,
                response_breached_at = response_due_at WHERE case_id = $1
            """,
            caseId
        );

        Assert.Equal(0, (await ReportAsync(office, before)).Total.ResponseBreached);
        var now = await ReportAsync(office, null);
        Assert.Equal((1, 0), (now.Total.ResponseBreached, now.Total.ResolutionBreached));
    }

    [Fact]
    public async Task Figures_are_of_ones_own_organisation_and_for_those_who_may()
    {
        await using var office = await Office.OpenAsync();
        await office.CaseAsync();
        var other = await Office.FoundAsync(office.Database, "Quarry");
        Assert.Equal(0, (await ReportAsync(other, null)).Total.Cases);

        var engineer = await office.HireAsync("eve", RoleSeeds.DetectionEngineer);
        var refusal = Office.Refused(
            await new ReportFigures(office.Database.Sentinel, TimeProvider.System).RunAsync(
                engineer.Token,
                null,
                default
            )
        );
        Assert.Equal("permission.missing", refusal.Rule);
    }

    sealed record Seen(Guid Id, string Type, DateTimeOffset OpenedAt)
    {
        public int Severity { get; set; }
        public string Status { get; set; } = "open";
        public DateTimeOffset? Taken { get; set; }
        public DateTimeOffset? Resolved { get; set; }
        public Guid? Owner { get; set; }
        public string? Queue { get; set; }
        public List<(Guid Id, Guid? To, string Status)> Tasks { get; } = [];
    }

    static async Task StepAsync(
        Office office,
        Random random,
        FakeTimeProvider clock,
        List<Seen> cases
    )
    {
        var database = office.Database.Sentinel;
        var by = office.Analyst.Token;
        var open = cases.Where(one => one.Status != "closed").ToList();
        if (open.Count == 0 || random.Next(4) == 0)
        {
            var (type, severity) = (types[random.Next(types.Length)], random.Next(11));
            var queue = random.Next(2) == 0 ? null : "queue " + random.Next(2);
            var opened = Office.Done(
                await new OpenCaseByHand(database, clock).RunAsync(
                    by,
                    new CaseByHand(type, severity, "By hand", [], queue, new([], []), null),
                    default
                )
            );
            cases.Add(
                new Seen(opened.Id, type, clock.GetUtcNow()) { Severity = severity, Queue = queue }
            );
            return;
        }
        var one = open[random.Next(open.Count)];
        switch (random.Next(5))
        {
            case 0:
                one.Severity = random.Next(11);
                Office.Done(
                    await new SetSeverity(database, clock).RunAsync(
                        by,
                        one.Id,
                        one.Severity,
                        "so",
                        default
                    )
                );
                break;
            case 1:
                one.Queue = "queue " + random.Next(2);
                one.Owner = random.Next(2) == 0 ? null : office.Manager.Id;
                Office.Done(
                    await new AssignCase(database, clock).RunAsync(
                        by,
                        one.Id,
                        new NextOwner(one.Owner, one.Queue, null),
                        default
                    )
                );
                break;
            case 2:
                await TaskAsync(office, random, clock, one);
                break;
            default:
                await MoveAsync(office, clock, one);
                break;
        }
    }

    static async Task TaskAsync(Office office, Random random, FakeTimeProvider clock, Seen one)
    {
        var database = office.Database.Sentinel;
        var by = office.Analyst.Token;
        var place = one.Tasks.FindIndex(task => task.Status is "pending" or "running");
        if (place < 0 || random.Next(3) == 0)
        {
            var to = random.Next(2) == 0 ? office.Analyst.Id : (Guid?)null;
            var made = Office.Done(
                await new CreateTask(database, clock).RunAsync(
                    by,
                    one.Id,
                    "look",
                    "Look",
                    to,
                    default
                )
            );
            one.Tasks.Add((made.Id, to, "pending"));
        }
        else if (one.Tasks[place] is (var pending, _, "pending"))
        {
            Office.Done(await new StartTask(database, clock).RunAsync(by, pending, default));
            one.Tasks[place] = (pending, office.Analyst.Id, "running");
        }
        else
        {
            var running = one.Tasks[place].Id;
            Office.Done(
                await new CompleteTask(database, clock).RunAsync(by, running, null, default)
            );
            one.Tasks[place] = (running, office.Analyst.Id, "done");
        }
    }

    static async Task MoveAsync(Office office, FakeTimeProvider clock, Seen one)
    {
        var database = office.Database.Sentinel;
        var by = office.Analyst.Token;
        if (one.Status == "open")
        {
            Office.Done(await new TakeCase(database, clock).RunAsync(by, one.Id, default));
            (one.Status, one.Taken, one.Owner) = (
                "in_progress",
                clock.GetUtcNow(),
                office.Analyst.Id
            );
        }
        else if (one.Status == "in_progress")
        {
            Office.Done(await new ResolveCase(database, clock).RunAsync(by, one.Id, default));
            (one.Status, one.Resolved) = ("resolved", clock.GetUtcNow());
        }
    }

    // Counted from the test's own notes, in the simplest way.
    static string Plain(Office office, List<Seen> cases, DateTimeOffset at)
    {
        List<string> lines = [Line("all", cases)];
        foreach (var type in types)
        foreach (var severity in Enumerable.Range(0, 11))
        {
            var some = cases.Where(one => one.Type == type && one.Severity == severity).ToList();
            if (some.Count > 0)
                lines.Add(Line($"{type} {severity}", some));
        }
        foreach (var (name, id) in new[] { ("ada", office.Analyst.Id), ("mia", office.Manager.Id) })
        {
            var owned = cases.Count(one => one.Owner == id && one.Status != "closed");
            var tasks = cases.SelectMany(one => one.Tasks).Where(task => task.To == id).ToList();
            var (pending, running) = (
                tasks.Count(task => task.Status == "pending"),
                tasks.Count(task => task.Status == "running")
            );
            if (owned + pending + running > 0)
                lines.Add($"{name} {owned} {pending} {running}");
        }
        foreach (var queue in new[] { null, "queue 0", "queue 1" })
        {
            var waiting = cases.Count(one =>
                one.Owner is null && one.Queue == queue && one.Status != "closed"
            );
            if (waiting > 0)
                lines.Add($"{queue ?? "none"} {waiting}");
        }
        return string.Join('\n', lines);

        string Line(string what, List<Seen> some)
        {
            int Count(string status) => some.Count(one => one.Status == status);
            double? Mean(Func<Seen, DateTimeOffset?> end)
            {
                double sum = 0;
                var count = 0;
                foreach (var one in some)
                    if (end(one) is { } ended)
                    {
                        sum += (ended - one.OpenedAt).TotalSeconds;
                        count++;
                    }
                return count == 0 ? null : sum / count;
            }
            var ages = some.Where(one => one.Resolved is null)
                .Select(one => (at - one.OpenedAt).TotalDays)
                .ToList();
            return $"{what}: {some.Count} {Count("open")} {Count("in_progress")} {Count("resolved")} 0 "
                + $"{Mean(one => one.Taken):0.0} {Mean(one => one.Resolved):0.0} "
                + $"{ages.Count(age => age < 1)} {ages.Count(age => age is >= 1 and < 7)} "
                + $"{ages.Count(age => age is >= 7 and < 30)} {ages.Count(age => age >= 30)}";
        }
    }

    static string Said(Office office, FiguresReport report)
    {
        List<string> lines =
        [
            Line("all", report.Total),
            .. report
                .ByTypeAndSeverity.OrderBy(one => Array.IndexOf(types, one.CaseType))
                .ThenBy(one => one.Severity)
                .Select(one => Line($"{one.CaseType} {one.Severity}", one)),
            .. report.People.Select(one =>
                $"{one.Name} {one.CasesOwned} {one.TasksPending} {one.TasksRunning}"
            ),
            .. report
                .Queues.OrderBy(one => one.Queue, StringComparer.Ordinal)
                .Select(one => $"{one.Queue ?? "none"} {one.CasesWaiting}"),
        ];
        Assert.Equal(report.Total.Cases, report.ByType.Sum(one => one.Cases));
        Assert.Equal(report.Total.Cases, report.BySeverity.Sum(one => one.Cases));
        return string.Join('\n', lines);

        static string Line(string what, CaseFigures one) =>
            $"{what}: {one.Cases} {one.Open} {one.InProgress} {one.Resolved} {one.Closed} "
            + $"{one.MttaSeconds:0.0} {one.MttrSeconds:0.0} {one.Ageing.UnderADay} "
            + $"{one.Ageing.UnderAWeek} {one.Ageing.UnderAMonth} {one.Ageing.Older}";
    }

    static async Task<FiguresReport> ReportAsync(Office office, DateTimeOffset? at) =>
        Office.Done(
            await new ReportFigures(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Manager.Token,
                at,
                default
            )
        );

    static async Task<DateTimeOffset> NowAsync(Office office) =>
        new(await office.Database.AskAsSuperuserAsync<DateTime>("SELECT clock_timestamp()"));
}
