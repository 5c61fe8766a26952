using System.Globalization;
using System.Text.Json.Nodes;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Evidence;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>What workflows do to the evidence, the owner and the decisions of a case, with real people.</summary>
public class CaseActivityTests
{
    [Fact]
    public async Task What_a_workflow_knows_becomes_evidence()
    {
        await using var work = await StartAsync(
            """
            {"id":"collect","type":"Sentinel.CollectEvidence",
             "title":{"expression":{"type":"JavaScript","value":"'Seen of ' + getInput('User')"}},
             "content":{"expression":{"type":"JavaScript","value":"({ip: getInput('SourceIp'), by: 'Zoë'})"}}}
            """
        );

        Assert.Equal("finished", await work.StatusAsync());
        var item = Assert.Single(
            (await work.Office.StoryAsync(work.CaseId)).Evidence,
            one => one.SourceSystem == "workflow"
        );
        Assert.Equal(
            ("report", "workflow", "Seen of root"),
            (item.EvidenceType, item.SourceSystem, item.Title)
        );
        Assert.Equal(
            "{\n  \"ip\": \"192.0.2.9\",\n  \"by\": \"Zoë\"\n}",
            await File.ReadAllTextAsync(
                Path.Combine(work.Office.Database.Data.Path, item.StoredUri)
            )
        );
    }

    [Theory]
    [InlineData(9, "Accepted", "accepted")]
    [InlineData(5, "Changed", "changed")]
    public async Task A_person_accepts_a_proposed_severity_or_decides_another(
        int decided,
        string port,
        string outcome
    )
    {
        await using var work = await StartAsync(
            """
            {"id":"propose","type":"Sentinel.SetSeverity",
             "severity":{"expression":{"type":"Literal","value":"9"}},
             "reason":{"expression":{"type":"Literal","value":"It is the core router"}}}
            """
        );
        var before = await work.Office.StoryAsync(work.CaseId);
        var proposal = Assert.Single(before.ProposedSeverities);
        Assert.Equal((9, null), (proposal.Severity, proposal.Outcome));
        Assert.NotEqual(9, before.Case.Severity);

        Office.Done(
            await work.Office.SetSeverity.RunAsync(
                work.Office.Analyst.Token,
                work.CaseId,
                decided,
                "I looked",
                default
            )
        );
        await work.RunAsync();

        Assert.Equal("finished", await work.StatusAsync());
        var after = await work.Office.StoryAsync(work.CaseId);
        Assert.Equal(outcome, Assert.Single(after.ProposedSeverities).Outcome);
        Assert.Equal(decided, after.Case.Severity);
        Assert.Equal(
            $"{port} {decided} I looked",
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT concat_ws(' ', outcomes[1], detail ->> 'Severity', detail ->> 'Reason')
                FROM workflow.workflow_journal
                WHERE instance_id = '{work.Instance}' AND activity_id = 'propose' AND event = 'completed'
                """
            )
        );
    }

    [Theory]
    [InlineData("11", "It is worse than that")]
    [InlineData("9", " ")]
    public async Task A_proposal_off_the_scale_or_without_a_reason_fails_and_says_why(
        string severity,
        string reason
    )
    {
        await using var work = await StartAsync(
            $$$"""
            {"id":"propose","type":"Sentinel.SetSeverity",
             "severity":{"expression":{"type":"Literal","value":"{{{severity}}}"}},
             "reason":{"expression":{"type":"Literal","value":"{{{reason}}}"}} }
            """
        );

        Assert.Equal("faulted", await work.StatusAsync());
        Assert.Empty((await work.Office.StoryAsync(work.CaseId)).ProposedSeverities);
    }

    [Fact]
    public async Task A_machine_proposes_and_never_accepts_whoever_writes()
    {
        await using var work = await StartAsync(
            """
            {"id":"propose","type":"Sentinel.SetSeverity",
             "severity":{"expression":{"type":"Literal","value":"9"}},
             "reason":{"expression":{"type":"Literal","value":"It is the core router"}}}
            """
        );
        await using var by = await PresentedTransaction.BeginAsync(
            work.Office.Database.Sentinel.Psa,
            work.Office.Machines.For(work.Office.OrganisationId, "workflow"),
            default
        );
        await using var command = by.Command(
            "UPDATE psa.severity_proposals SET outcome = 'accepted', settled_at = now()"
        );

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
            command.ExecuteNonQueryAsync()
        );

        Assert.Contains("person", refused.MessageText, StringComparison.Ordinal);
        Assert.Equal(
            "actor.forged",
            await work.Office.RuleByHandAsync(
                work.Office.Analyst.Token,
                "UPDATE psa.severity_proposals SET outcome = 'withdrawn', settled_at = now()"
            )
        );
        var none = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
            work.Office.ByHandAsync(
                work.Office.Analyst.Token,
                "UPDATE psa.severity_proposals SET outcome = 'perhaps', settled_at = now()"
            )
        );
        Assert.Equal("severity_proposals_outcome_check", none.ConstraintName);
    }

    [Theory]
    [InlineData("web-1.example", "Found", "8 web-1 0")]
    [InlineData("nowhere", "Unknown", "")]
    public async Task What_is_known_of_an_asset_decides_the_way(
        string name,
        string outcome,
        string known
    )
    {
        await using var work = await StartAsync(
            """{"id":"wait","type":"Elsa.Event","eventName":{"expression":{"type":"Literal","value":"never"}}}"""
        );
        Office.Done(
            await new RegisterAsset(work.Office.Database.Sentinel, TimeProvider.System).RunAsync(
                work.Office.Administrator,
                new NewAsset("server", "web-1", null, ["web-1.example"], 8),
                default
            )
        );
        await work.ShipAsync(
            Definition(
                "known",
                $$$"""
                {"id":"enrich","type":"Sentinel.Enrich",
                 "asset":{"expression":{"type":"Literal","value":"{{{name}}}"}} }
                """
            )
        );

        await work.BeginAsync("known");

        Assert.Equal(
            $"{outcome} {known}".Trim(),
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT trim(outcomes[1] || ' ' || concat_ws(' ', detail ->> 'Criticality', detail -> 'Asset' ->> 'name',
                    detail ->> 'OpenCases'))
                FROM workflow.workflow_journal
                WHERE instance_id = '{work.Instance}' AND activity_id = 'enrich' AND event = 'completed'
                """
            )
        );
    }

    [Theory]
    [InlineData("screenshot", "finished")]
    [InlineData("log", "suspended")]
    public async Task Evidence_is_waited_for_by_its_type(string attached, string status)
    {
        await using var work = await StartAsync(Await("screenshot"));
        Assert.Equal("suspended", await work.StatusAsync());

        await AttachAsync(work, attached);

        Assert.Equal(status, await work.StatusAsync());
    }

    [Fact]
    public async Task Evidence_that_is_there_already_counts_and_any_is_enough_where_no_type_is_named()
    {
        await using var work = await StartAsync(Await("screenshot"));
        await AttachAsync(work, "screenshot");
        await work.ShipAsync(Definition("again", Await(null)));

        await work.BeginAsync("again");

        Assert.Equal("finished", await work.StatusAsync());
    }

    [Fact]
    public async Task A_case_goes_to_a_person_and_on_to_a_queue()
    {
        await using var work = await StartAsync(
            """
            {"id":"escalate","type":"Sentinel.EscalateOwner",
             "queue":{"expression":{"type":"Literal","value":"night"}},
             "note":{"expression":{"type":"Literal","value":"nobody answered"}}}
            """
        );
        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal("night", await QueueAsync(work));
        var analyst = work.Office.Analyst.Id;
        await work.ShipAsync(
            Definition(
                "assign",
                $$$"""{"id":"assign","type":"Sentinel.AssignOwner","user":{"expression":{"type":"Literal","value":"{{{analyst}}}"} } }"""
            )
        );
        await work.BeginAsync("assign");
        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal(analyst, (await work.Office.StoryAsync(work.CaseId)).Case.OwnerId);
        await work.BeginAsync("acts");
        Assert.Null((await work.Office.StoryAsync(work.CaseId)).Case.OwnerId);
    }

    static Task<string> QueueAsync(CaseAtWork work) =>
        work.Office.Database.AskAsSuperuserAsync<string>(
            $"SELECT q.name FROM psa.cases c JOIN psa.queues q ON q.id = c.queue_id WHERE c.id = '{work.CaseId}'"
        );

    [Fact]
    public async Task A_decision_is_asked_for_early_and_waited_for_late()
    {
        const string ask = """
            {"id":"ask","type":"Sentinel.RequestApproval","request":{"expression":{"type":"Literal","value":"May we?"}}}
            """;
        const string wait = """
            {"id":"wait","type":"Sentinel.AwaitApproval",
             "approvalId":{"expression":{"type":"JavaScript","value":"getOutputFrom('ask', 'ApprovalId')"}}}
            """;
        await using var early = await StartAsync($"{ask},{wait}", "ask>wait");
        Assert.Equal("suspended", await early.StatusAsync());
        await early.DecideAsync(ApprovalTrigger.Approve);
        Assert.Equal("finished", await early.StatusAsync());

        const string between = """
            {"id":"between","type":"Sentinel.AwaitEvidence"}
            """;
        await using var late = await StartAsync(
            $"{ask},{between},{wait}",
            "ask>between",
            "between:Attached>wait"
        );
        await late.DecideAsync(ApprovalTrigger.Refuse);
        Assert.Equal("suspended", await late.StatusAsync());
        await AttachAsync(late, "report");
        Assert.Equal("finished", await late.StatusAsync());
        Assert.EndsWith("wait flow Workflow1", await late.PathAsync(), StringComparison.Ordinal);
    }

    static async Task AttachAsync(CaseAtWork work, string type)
    {
        using var content = new MemoryStream([1, 2, 3]);
        Office.Done(
            await work.Office.AttachEvidence.RunAsync(
                work.Office.Analyst.Token,
                new NewEvidence(work.CaseId, type, "shown"),
                content,
                default
            )
        );
        await work.RunAsync();
    }

    static Task<CaseAtWork> StartAsync(string activities, params string[] ways) =>
        CaseAtWork.StartAsync(Definition("acts", activities, ways));

    static string Await(string? type) =>
        type is null
            ? """{"id":"wait","type":"Sentinel.AwaitEvidence"}"""
            : $$$"""{"id":"wait","type":"Sentinel.AwaitEvidence","evidenceType":{"expression":{"type":"Literal","value":"{{{type}}}"} } }""";

    static JsonNode Definition(string id, string activities, params string[] ways)
    {
        var connections = string.Join(
            ',',
            ways.Select(way =>
            {
                var ends = way.Split('>');
                var source = ends[0].Split(':');
                return string.Format(
                    CultureInfo.InvariantCulture,
                    """{{"source":"{0}","sourcePort":"{1}","target":"{2}"}}""",
                    source[0],
                    source.ElementAtOrDefault(1) ?? "Done",
                    ends[1]
                );
            })
        );
        return JsonNode.Parse(
            $$"""{"definitionId":"{{id}}","root":{"id":"flow","type":"Elsa.Flowchart","activities":[{{activities}}],"connections":[{{connections}}]} }"""
        )!;
    }
}
