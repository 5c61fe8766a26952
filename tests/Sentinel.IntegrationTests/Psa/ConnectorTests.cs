using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Outbound;

namespace Sentinel.IntegrationTests.Psa;

public sealed class ConnectorTests
{
    [Fact]
    public async Task A_task_asks_a_connector_and_its_answer_becomes_a_step_and_evidence()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);

        var asked = Office.Done(await desk.AskAsync("isolate"));
        Assert.Equal(1, await desk.Send.RunAsync(default));
        Assert.Equal(0, await desk.Send.RunAsync(default));
        desk.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(OutboundState.Sent, (await desk.ActionAsync()).Status);
        var ended = Office.Done(
            await desk.ReceiveAsync(
                asked.Id,
                """{"status": "succeeded", "detail": "web-1 is alone now", "output": "nic down"}"""
            )
        );

        var request = Assert.Single(there.Done);
        Assert.Equal(asked.Id.ToString(), request.GetProperty("id").GetString());
        Assert.Equal("web-1", request.GetProperty("arguments").GetProperty("host").GetString());
        Assert.Equal(
            (OutboundState.Succeeded, "web-1 is alone now"),
            (ended.Status, ended.Outcome)
        );
        var story = await desk.Office.StoryAsync(desk.CaseId);
        Assert.Equal(
            ["asked: Asked edr_one to isolate", "succeeded: isolate: web-1 is alone now"],
            story.Actions.Select(action => $"{action.ActionType}: {action.Description}")
        );
        var evidence = Assert.Single(story.Evidence, item => item.Id == ended.EvidenceId);
        Assert.Equal(
            ("edr", "What edr_one said of isolate"),
            (evidence.SourceSystem, evidence.Title)
        );
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_later_under_the_same_key_and_done_once()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        there.AnswerWith(503, 429);

        var asked = Office.Done(await desk.AskAsync("isolate"));
        for (var i = 0; i < 8; i++)
        {
            await desk.Send.RunAsync(default);
            desk.Clock.Advance(TimeSpan.FromSeconds(31));
        }

        var action = await desk.ActionAsync();
        Assert.Equal((OutboundState.Sent, 3), (action.Status, action.Attempts));
        Assert.Equal(1, there.Seen[asked.Id]);
    }

    [Fact]
    public async Task A_process_that_died_after_sending_sends_again_and_the_connector_acts_once()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        var asked = Office.Done(await desk.AskAsync("isolate"));
        await desk.Send.RunAsync(default);
        // As if the answer had never been written down.
        await desk.Office.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE psa.outbound_actions DISABLE TRIGGER ALL;
            UPDATE psa.outbound_actions SET status = 'asked', sent_at = NULL, next_attempt_at = asked_at;
            ALTER TABLE psa.outbound_actions ENABLE TRIGGER ALL;
            """
        );

        await desk.Send.RunAsync(default);

        Assert.Equal(2, there.Seen[asked.Id]);
        Assert.Single(there.Done);
    }

    [Theory]
    [InlineData(302, "redirect (302), which is not followed")]
    [InlineData(400, "it refused the request: 400")]
    public async Task What_trying_again_does_not_mend_fails_at_once(int status, string reason)
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        there.AnswerWith(status);

        Office.Done(await desk.AskAsync("isolate"));
        await desk.Send.RunAsync(default);

        var action = await desk.ActionAsync();
        Assert.Equal(OutboundState.Failed, action.Status);
        Assert.Contains(reason, action.Outcome);
        Assert.Empty(there.Done);
    }

    [Fact]
    public async Task A_private_address_is_not_connected_to_unless_that_is_allowed()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        // A name that only leads inside once it is looked up: https, as the registration wants it.
        await desk.RegisterAsync(
            "inside",
            there.Url.Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal),
            allowPrivate: false
        );

        Office.Done(await desk.AskAsync("isolate", connector: "inside"));
        await desk.Send.RunAsync(default);

        var action = await desk.ActionAsync();
        Assert.Equal(OutboundState.Failed, action.Status);
        Assert.Contains("localhost is no address of the public internet", action.Outcome);
    }

    [Fact]
    public async Task What_has_no_answer_in_its_time_has_timed_out_and_later_answers_are_refused()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        var asked = Office.Done(await desk.AskAsync("isolate"));
        await desk.Send.RunAsync(default);

        desk.Clock.Advance(TimeSpan.FromMinutes(61));
        await desk.Send.RunAsync(default);

        Assert.Equal(OutboundState.TimedOut, (await desk.ActionAsync()).Status);
        Assert.Equal(
            "outbound.ended",
            Office
                .Refused(
                    await desk.ReceiveAsync(
                        asked.Id,
                        """{"status": "succeeded", "detail": "late"}"""
                    )
                )
                .Rule
        );
    }

    [Fact]
    public async Task Only_the_connector_can_say_how_it_went_and_only_once_and_only_now()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        var asked = Office.Done(await desk.AskAsync("isolate"));
        await desk.Send.RunAsync(default);
        const string body = """{"status": "failed", "detail": "no such host"}""";
        var now = desk.Clock.GetUtcNow();

        var stranger = there.Outcome(body, now, new Secret("sm_guess"));
        var old = there.Outcome(body, now.AddMinutes(-6));
        var changed = there.Outcome(body, now) with
        {
            Body = """{"status": "succeeded"}"""u8.ToArray(),
        };
        foreach (var forged in new[] { stranger, old, changed })
            Assert.Equal(
                "outbound.signature",
                Office
                    .Refused(
                        await desk.Receive.RunAsync(
                            desk.Office.OrganisationId,
                            asked.Id,
                            forged,
                            default
                        )
                    )
                    .Rule
            );
        Assert.Equal(OutboundState.Sent, (await desk.ActionAsync()).Status);
        foreach (var bad in new[] { "[]", """{"status": "failed", "detail": "half \ud83d"}""" })
            Assert.Equal(
                "outbound.outcome",
                Office.Refused(await desk.ReceiveAsync(asked.Id, bad)).Rule
            );
        Office.Done(await desk.ReceiveAsync(asked.Id, body));
        Office.Done(await desk.ReceiveAsync(asked.Id, body));
        Assert.Equal(
            "outbound.ended",
            Office.Refused(await desk.ReceiveAsync(asked.Id, """{"status": "succeeded"}""")).Rule
        );
        Assert.IsType<Outcome<OutboundAction>.NotFound>(
            await desk.Receive.RunAsync(
                Guid.CreateVersion7(),
                asked.Id,
                there.Outcome(body, now),
                default
            )
        );
        Assert.Equal(2, (await desk.Office.StoryAsync(desk.CaseId)).Actions.Count);
    }

    [Fact]
    public async Task A_detail_that_is_too_long_is_cut_between_characters()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        var asked = Office.Done(await desk.AskAsync("isolate"));
        await desk.Send.RunAsync(default);

        // Each is two UTF-16 units, and the steps' text, which begins "isolate: ", is cut one unit later.
        var detail = "." + string.Concat(Enumerable.Repeat("\U0001F525", 3000));
        var ended = Office.Done(
            await desk.ReceiveAsync(
                asked.Id,
                $$"""{"status": "succeeded", "detail": "{{detail}}\u0000"}"""
            )
        );

        Assert.Equal(detail[..3999], ended.Outcome);
        Assert.Contains(
            (await desk.Office.StoryAsync(desk.CaseId)).Actions,
            step => step.Description == "isolate: " + detail[..3991]
        );
    }

    [Fact]
    public async Task An_answer_may_come_before_we_know_that_the_request_was_taken()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        var asked = Office.Done(await desk.AskAsync("isolate"));

        var ended = Office.Done(
            await desk.ReceiveAsync(asked.Id, """{"status": "succeeded", "detail": "quick"}""")
        );

        Assert.Equal(OutboundState.Succeeded, ended.Status);
        Assert.Equal(0, await desk.Send.RunAsync(default));
    }

    [Fact]
    public async Task Whoever_asks_a_tool_has_worked_in_the_case_and_tools_are_registered_by_administrators()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var desk = await Desk.OpenAsync(there);
        Office.Done(await desk.AskAsync("isolate"));
        var office = desk.Office;

        Assert.Equal("1", await WorkedAsync(office, desk.CaseId, office.Analyst.Id));
        Assert.Equal(
            "permission.missing",
            Office
                .Refused(
                    await desk.Register.RunAsync(
                        office.Analyst.Token,
                        new NewConnector("x", "edr", "https://example.org", false),
                        default
                    )
                )
                .Rule
        );
        Assert.Equal(
            "connector.manage.person_only",
            Office
                .Refused(
                    await desk.Register.RunAsync(
                        office.Workflow,
                        new NewConnector("x", "edr", "https://example.org", false),
                        default
                    )
                )
                .Rule
        );
        foreach (
            var (name, kind, url) in new[]
            {
                ("X", "edr", "https://a.example"),
                ("x", "fax", "https://a.example"),
                ("x", "edr", "http://a.example"),
                ("x", "edr", "https://user:word@a.example"),
                ("x", "edr", "file:///etc/passwd"),
            }
        )
            Assert.StartsWith(
                "connector.",
                Office
                    .Refused(
                        await desk.Register.RunAsync(
                            office.Administrator,
                            new NewConnector(name, kind, url, false),
                            default
                        )
                    )
                    .Rule,
                StringComparison.Ordinal
            );
        Assert.Equal(
            "outbound.arrow",
            await office.RuleByHandAsync(
                office.Analyst.Token,
                "UPDATE psa.outbound_actions SET status = 'succeeded', sent_at = now(), ended_at = now(), outcome = 'x'"
            )
        );
        Assert.IsType<Outcome<OutboundAction>.NotFound>(
            await desk.AskAsync("isolate", connector: "nobody")
        );
    }

    static async Task<string> WorkedAsync(Office office, Guid caseId, Guid person) =>
        (
            await office.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM psa.case_work WHERE case_id = '{caseId}' AND kind = 'task_action' AND identity = '{person}'"
            )
        ).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A case with a running task, a connector that is registered, and a clock of its own.</summary>
    sealed class Desk(Office office, ReferenceConnector there) : IAsyncDisposable
    {
        readonly ConnectorClient client = new();

        public Office Office => office;
        public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());
        public Guid CaseId { get; private set; }
        public Guid TaskId { get; private set; }

        public RegisterConnector Register => new(office.Database.Sentinel, office.Machines, Clock);
        public ReceiveOutcome Receive =>
            new(office.Database.Sentinel, office.Machines, office.Objects, Clock);
        public SendOutbound Send =>
            new(
                office.Database.Sentinel,
                office.Machines,
                client,
                Clock,
                NullLogger<SendOutbound>.Instance
            );

        public static async Task<Desk> OpenAsync(ReferenceConnector there)
        {
            var office = await Office.OpenAsync();
            var desk = new Desk(office, there) { CaseId = await office.CaseAsync() };
            desk.TaskId = (await office.StoryAsync(desk.CaseId)).Tasks[0].Id;
            Office.Done(await office.TakeCase.RunAsync(office.Analyst.Token, desk.CaseId, default));
            Office.Done(
                await office.StartTask.RunAsync(office.Analyst.Token, desk.TaskId, default)
            );
            there.Secret = await desk.RegisterAsync("edr_one", there.Url, allowPrivate: true);
            return desk;
        }

        public async Task<Secret> RegisterAsync(string name, string url, bool allowPrivate) =>
            (await office.ConnectorAsync(new NewConnector(name, "edr", url, allowPrivate))).Secret;

        public Task<Outcome<OutboundAction>> AskAsync(
            string action,
            string connector = "edr_one"
        ) =>
            new AskConnector(office.Database.Sentinel, Clock).RunAsync(
                office.Analyst.Token,
                TaskId,
                new AskedConnector(
                    connector,
                    action,
                    new JsonObject { ["host"] = "web-1" },
                    TimeSpan.FromHours(1)
                ),
                default
            );

        public Task<Outcome<OutboundAction>> ReceiveAsync(Guid id, string body) =>
            Receive.RunAsync(
                office.OrganisationId,
                id,
                there.Outcome(body, Clock.GetUtcNow()),
                default
            );

        public async Task<OutboundAction> ActionAsync() =>
            Assert.Single(
                Office.Done(
                    await new ListOutbound(office.Database.Sentinel).RunAsync(
                        office.Analyst.Token,
                        CaseId,
                        default
                    )
                )
            );

        public ValueTask DisposeAsync()
        {
            client.Dispose();
            return office.DisposeAsync();
        }
    }
}
