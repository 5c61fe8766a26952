using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sentinel.Contract;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Sla;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Clocks on a real database: what they do is written with its own moment, and can be computed again.</summary>
public sealed class ClockTests
{
    static readonly PolicyText policy = new(
        "clocks.sentinel",
        """
        sla fast
          respond within 10m, resolve within 1h, calendar always

        sla slow
          respond within 30m, resolve within 4h, warn at 50%, calendar always
          pause when task customer_reply is open
          after 50% of respond notify incident_manager, "duty@example.org"
          after 90% of resolve queue night_desk

        escalation night_watch
          when finding.severity >= 3
          open incident
          sla slow
          notify incident_manager when warned
          notify incident_manager when breached
          notify "boss@example.org" when opened
        """ + "\n"
    );

    [Fact]
    public async Task A_breach_is_written_once_with_its_own_moment_however_late()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var started = (await office.StoryAsync(caseId)).Sla!.StartedAt;
        var clock = new FakeTimeProvider(started);
        var run = new RunClocks(office.Database.Sentinel, office.Machines, clock);

        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0, await run.RunAsync(default));
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(1, await run.RunAsync(default));
        Assert.Equal(0, await run.RunAsync(default));
        Assert.Equal(started.AddMinutes(15), await AskAsync(office, "breached_at"));

        clock.Advance(TimeSpan.FromHours(4));
        // The warning at 75 % and the second breach; the first stays the first.
        Assert.Equal(2, await run.RunAsync(default));
        Assert.Equal(started.AddMinutes(15), await AskAsync(office, "breached_at"));
        Assert.Equal(started.AddHours(4), await AskAsync(office, "resolution_breached_at"));
    }

    [Fact]
    public async Task A_case_that_was_answered_in_time_is_not_breached()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(1));

        var run = new RunClocks(office.Database.Sentinel, office.Machines, clock);
        Assert.Equal(0, await run.RunAsync(default));
        Assert.False((await office.StoryAsync(caseId)).Sla!.Breached);
    }

    [Fact]
    public async Task An_open_task_that_the_policy_names_makes_the_clocks_stand_still()
    {
        await using var desk = await Desk.OpenAsync();
        var caseId = await desk.CaseAsync();
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        var task = await desk.AskCustomerAsync(caseId);
        desk.Clock.Advance(TimeSpan.FromHours(5));
        await desk.Run.RunAsync(default);

        var paused = (await desk.StoryAsync(caseId)).Sla!;
        Assert.False(paused.Breached);
        Assert.Null(paused.ResponseDueAt);
        Assert.Equal(20 * 60, paused.ResponseLeftSeconds);
        Assert.Contains("task customer_reply is open since", paused.ResponseWhy);

        await desk.AnswerAsync(task);
        var resumed = (await desk.StoryAsync(caseId)).Sla!;
        Assert.Equal(desk.Clock.GetUtcNow().AddMinutes(20), resumed.ResponseDueAt);
    }

    [Fact]
    public async Task Warnings_breaches_and_steps_tell_and_move_as_the_policy_says()
    {
        await using var desk = await Desk.OpenAsync();
        var caseId = await desk.CaseAsync();
        desk.Clock.Advance(TimeSpan.FromHours(4) + TimeSpan.FromSeconds(1));

        Assert.Equal(5, await desk.Run.RunAsync(default));

        Assert.Equal("night_desk", (await desk.StoryAsync(caseId)).Case.Queue);
        Assert.Equal(
            """
            boss@example.org opened, duty@example.org respond 50%, incident_manager breached, 
            incident_manager breached, incident_manager respond 50%, incident_manager warned
            """.ReplaceLineEndings(""),
            await desk.Office.Database.AskAsSuperuserAsync<string>(
                """
                SELECT string_agg(who || ' ' || moment, ', ' ORDER BY who, moment)
                FROM psa.case_notices
                """
            )
        );
        var notices = Office.Done(
            await new ListNotices(desk.Office.Database.Sentinel).RunAsync(
                desk.Office.Manager.Token,
                null,
                default
            )
        );
        Assert.Equal(4, notices.Count);
        Assert.Equal(
            5,
            (await desk.StoryAsync(caseId)).Timeline.Count(entry =>
                entry.Action == "sla_mark.created"
            )
        );
    }

    [Fact]
    public async Task What_is_stored_of_the_clocks_is_what_the_audit_log_gives()
    {
        await using var desk = await Desk.OpenAsync();
        var caseId = await desk.CaseAsync();
        var token = desk.Office.Analyst.Token;
        desk.Clock.Advance(TimeSpan.FromMinutes(7));
        var task = await desk.AskCustomerAsync(caseId);
        desk.Clock.Advance(TimeSpan.FromMinutes(41));
        Office.Done(await desk.Pause.PauseAsync(token, caseId, "The site is dark", default));
        await desk.AnswerAsync(task);
        desk.Clock.Advance(TimeSpan.FromMinutes(30));
        Office.Done(await desk.Pause.ResumeAsync(token, caseId, "Light again", default));
        desk.Clock.Advance(TimeSpan.FromMinutes(6));
        Office.Done(await desk.Change.RunAsync(token, caseId, "fast", "It is urgent", default));
        desk.Clock.Advance(TimeSpan.FromMinutes(20));
        Office.Done(await desk.Take.RunAsync(token, caseId, default));
        desk.Clock.Advance(TimeSpan.FromHours(2));
        await desk.Run.RunAsync(default);

        var log = await FromAuditAsync(desk.Office, caseId);
        Assert.Equal(
            "Started Paused Paused Resumed Resumed Changed Responded",
            string.Join(' ', log.Select(entry => entry.Kind))
        );
        var again = SlaClock.Read(log, desk.Clock.GetUtcNow());
        Assert.Equal(2, again.Marks.Count);
        Assert.Equal(
            string.Join(", ", again.Marks.Select(m => $"{m.Entry} {m.Name} {m.At:O}")),
            await MarksAsync(desk.Office)
        );
        Assert.Equal(
            again.BreachedAt(SlaClockOf.Resolve),
            await AskAsync(desk.Office, "resolution_breached_at")
        );
    }

    [Fact]
    public async Task SQL_by_hand_pauses_nothing_that_is_not_so()
    {
        await using var desk = await Desk.OpenAsync();
        var caseId = await desk.CaseAsync();
        const string sql = """
            INSERT INTO psa.sla_entries
                (organisation_id, case_id, sequence, at, kind, cause, reason, created_by)
            SELECT organisation_id, id, 9, opened_at, $2, $3, 'because', access.actor_id()
            FROM psa.cases WHERE id = $1
            """;
        var (ada, workflow) = (desk.Office.Analyst.Token, desk.Office.Workflow);

        Assert.Equal(
            ["sla.claim", "sla.claim", "sla.pause", "sla.pause.person_only"],
            [
                await Rule(ada, "paused", "task customer_reply"),
                await Rule(ada, "paused", "approval"),
                await Rule(ada, "resumed", "task customer_reply"),
                await Rule(workflow, "paused", "person"),
            ]
        );
        Assert.Equal(
            "sla.claim",
            await desk.Office.RuleByHandAsync(
                ada,
                """
                INSERT INTO psa.sla_entries
                    (organisation_id, case_id, sequence, at, kind, created_by)
                SELECT organisation_id, id, 9, opened_at, 'resolved', access.actor_id()
                FROM psa.cases WHERE id = $1
                """,
                caseId
            )
        );

        Task<string> Rule(Secret by, string kind, string cause) =>
            desk.Office.RuleByHandAsync(by, sql, caseId, kind, cause);
    }

    static async Task<DateTimeOffset> AskAsync(Office office, string column) =>
        new(
            await office.Database.AskAsSuperuserAsync<DateTime>(
                $"SELECT {column} FROM psa.case_sla"
            )
        );

    static async Task<string> MarksAsync(Office office)
    {
        await using var connection = new NpgsqlConnection(
            office.Database.SuperuserConnectionString
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT entry_sequence, mark, at FROM psa.sla_marks ORDER BY at, mark",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        List<string> marks = [];
        while (await reader.ReadAsync())
            marks.Add(
                $"{reader.GetInt32(0)} {reader.GetString(1)} {reader.GetFieldValue<DateTimeOffset>(2):O}"
            );
        return string.Join(", ", marks);
    }

    static async Task<IReadOnlyList<SlaEntry>> FromAuditAsync(Office office, Guid caseId) =>
        [
            .. (await office.StoryAsync(caseId))
                .Timeline.Where(entry => entry.Action == "sla_entry.created")
                .Select(entry =>
                {
                    var row = JsonDocument.Parse(entry.Detail).RootElement;
                    return new SlaEntry(
                        row.GetProperty("sequence").GetInt32(),
                        row.GetProperty("at").GetDateTimeOffset(),
                        Enum.Parse<SlaEntryKind>(row.GetProperty("kind").GetString()!, true),
                        row.TryGetProperty("terms", out var terms)
                            ? SlaTerms.Read(terms.GetRawText())
                            : null,
                        row.TryGetProperty("cause", out var cause) ? cause.GetString() : null,
                        row.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
                        row.GetProperty("created_by").GetGuid()
                    );
                }),
        ];

    /// <summary>An office under the policy above, with a clock that the test moves.</summary>
    sealed class Desk(Office office) : IAsyncDisposable
    {
        public Office Office { get; } = office;

        // PostgreSQL keeps microseconds.
        public FakeTimeProvider Clock { get; } =
            new(
                DateTimeOffset.FromUnixTimeSeconds(
                    TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()
                )
            );

        public RunClocks Run => new(Office.Database.Sentinel, Office.Machines, Clock);
        public PauseClocks Pause => new(Office.Database.Sentinel, Clock);
        public ChangeSla Change => new(Office.Database.Sentinel, Clock);
        public TakeCase Take => new(Office.Database.Sentinel, Clock);

        public static async Task<Desk> OpenAsync()
        {
            var office = await Office.OpenAsync();
            Assert.IsType<BootstrapPoliciesOutcome.Done>(
                await new BootstrapPolicies(TimeProvider.System).RunAsync(
                    office.Database.SuperuserConnectionString,
                    office.OrganisationId,
                    [policy],
                    default
                )
            );
            return new Desk(office);
        }

        public async Task<Guid> CaseAsync()
        {
            var intake = new OpenCase(
                Office.Database.Sentinel,
                Office.Machines,
                Office.Objects,
                new PublishedTerms(),
                new NoWorkflows(),
                Clock,
                NullLogger<OpenCase>.Instance
            );
            var escalation = Office.Escalation() with
            {
                DecidedBy = new PolicyReference("night_watch", 1, policy.Sha256),
            };
            return (await intake.ReceiveAsync(escalation, default)).CaseId;
        }

        public async Task<Guid> AskCustomerAsync(Guid caseId) =>
            Office
                .Done(
                    await new CreateTask(Office.Database.Sentinel, Clock).RunAsync(
                        Office.Analyst.Token,
                        caseId,
                        "customer_reply",
                        "Ask whether it was them",
                        null,
                        default
                    )
                )
                .Id;

        public async Task AnswerAsync(Guid task)
        {
            var (database, by) = (Office.Database.Sentinel, Office.Analyst.Token);
            Office.Done(await new StartTask(database, Clock).RunAsync(by, task, default));
            Office.Done(
                await new CompleteTask(database, Clock).RunAsync(by, task, "It was not", default)
            );
        }

        public async Task<CaseStory> StoryAsync(Guid caseId) =>
            Office.Done(
                await new ShowCase(Office.Database.Sentinel, Clock).RunAsync(
                    Office.Manager.Token,
                    caseId,
                    default
                )
            );

        public ValueTask DisposeAsync() => Office.DisposeAsync();
    }

    sealed class NoWorkflows : ICaseWorkflows
    {
        public Task<Guid?> StartAsync(
            PresentedTransaction work,
            string definition,
            Guid caseId,
            EscalatedFinding finding,
            Guid correlationId,
            CancellationToken cancellation
        ) => Task.FromResult<Guid?>(null);
    }
}
