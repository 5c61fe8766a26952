using System.Text.Json;
using System.Text.Json.Nodes;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Evidence;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A workflow waits until something holds for its case, whoever brings that about.</summary>
public class AwaitConditionTests
{
    [Fact]
    public async Task It_goes_on_once_the_case_is_as_the_condition_says_and_not_before()
    {
        await using var work = await StartAsync(
            "case.tags contains contained and evidence.types contains report"
        );
        var watch = Watching(work);
        Assert.Equal(0, await watch.RunAsync(default));
        await TagAsync(work, "contained");
        Assert.Equal(0, await watch.RunAsync(default));
        Assert.Equal("suspended", await work.StatusAsync());
        await AttachAsync(work, "report");

        Assert.Equal(1, await watch.RunAsync(default));
        await work.RunAsync();

        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal("wait flow Workflow1", await work.PathAsync());
        Assert.Equal(0, await watch.RunAsync(default));
    }

    [Fact]
    public async Task What_holds_already_is_not_waited_for()
    {
        await using var work = await StartAsync(
            "case.status == in_progress and case.owner exists and not sla.breached == true and tasks.open >= 0"
        );
        Assert.Equal("suspended", await work.StatusAsync());
        Office.Done(
            await work.Office.TakeCase.RunAsync(work.Office.Analyst.Token, work.CaseId, default)
        );
        Assert.Equal(1, await Watching(work).RunAsync(default));

        await work.BeginAsync("waits");
        Assert.Equal("finished", await work.StatusAsync());
    }

    [Fact]
    public async Task Whoever_watches_anew_looks_at_what_changed_while_nobody_did()
    {
        await using var work = await StartAsync("case.tags contains contained");
        Assert.Equal(0, await Watching(work).RunAsync(default));
        await TagAsync(work, "contained");
        Assert.Equal(1, await Watching(work).RunAsync(default));
    }

    [Fact]
    public async Task A_case_is_looked_at_only_where_it_changed()
    {
        await using var work = await StartAsync("case.tags contains contained");
        var watch = Watching(work);
        await watch.RunAsync(default);
        await TagAsync(work, "contained");
        // Whoever takes the rows of the log away, to show that they are what is looked at.
        await work.Office.Database.RunAsSuperuserAsync(
            $"""
            ALTER TABLE psa.audit_log DISABLE TRIGGER ALL;
            UPDATE psa.audit_log SET subject_id = NULL
            WHERE entity_type = 'case_tag' AND subject_id = '{work.CaseId}'
            """
        );
        Assert.Equal(0, await watch.RunAsync(default));
        Assert.Equal(1, await Watching(work).RunAsync(default));
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_drawing_says()
    {
        await using var work = await StartAsync("case.severity > 10", "00:00:00");
        await work.RunAsync();
        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal(0, await Watching(work).RunAsync(default));
    }

    [Fact]
    public async Task Each_field_is_what_the_case_has()
    {
        await using var work = await StartAsync("case.type == none");
        var office = work.Office;
        var by = office.Analyst.Token;
        string[] holding =
        [
            "case.type == incident",
            "case.confidence == 80",
            "case.queue == soc_tier_2",
            "case.severity == 9",
            "case.owner == \"ada@example.org\"",
            "tasks.open == 0",
            "tasks.done == 1",
            "approvals.open == 1",
            "evidence.count == 2",
            "sla.breached == true",
        ];
        // Of each its opposite holds until the case is as it says.
        string[] later = [.. holding[3..]];
        foreach (var condition in later)
            Assert.Equal("suspended", await AskAsync(work, condition));

        Office.Done(await office.TakeCase.RunAsync(by, work.CaseId, default));
        Office.Done(await office.SetSeverity.RunAsync(by, work.CaseId, 9, "the core", default));
        await AttachAsync(work, "report");
        var task = Assert.Single((await office.StoryAsync(work.CaseId)).Tasks);
        Office.Done(await office.StartTask.RunAsync(by, task.Id, default));
        Office.Done(await office.CompleteTask.RunAsync(by, task.Id, "confirmed", default));
        Office.Done(await office.AskApproval.RunAsync(by, work.CaseId, null, "May I?", default));
        await office.ByHandAsync(
            by,
            """
            UPDATE psa.case_sla SET breached = true, breached_at = response_due_at,
                response_breached_at = response_due_at WHERE case_id = $1
            """,
            work.CaseId
        );

        foreach (var condition in holding)
            Assert.Equal("finished", await AskAsync(work, condition));
        Assert.Equal(later.Length, await Watching(work).RunAsync(default));
    }

    static async Task<string> AskAsync(CaseAtWork work, string condition)
    {
        var drawing = Drawing("Literal", condition, null);
        drawing["definitionId"] = "asks";
        await work.ShipAsync(drawing);
        await work.BeginAsync("asks");
        return await work.StatusAsync();
    }

    [Fact]
    public async Task A_condition_that_is_none_is_refused_when_it_is_proposed_and_fails_when_a_script_makes_it()
    {
        var loaded = CaseActivities
            .Catalogue(TimeProvider.System)
            .Load(Drawing("Literal", "case.sevrity >= high", null).ToJsonString());
        var problem = Assert.Single(loaded.Problems);
        Assert.Equal("WFL025", problem.Code);
        Assert.Equal(
            "Its input 'condition' does not fit: 'case.sevrity' is not a field here. Did you mean 'case.severity'?",
            problem.Message
        );

        await using var work = await CaseAtWork.StartAsync(
            Drawing("JavaScript", "'case.' + 'sevrity == 1'", null)
        );
        Assert.Equal("faulted", await work.StatusAsync());
    }

    static Task<CaseAtWork> StartAsync(string condition, string? overdueAfter = null) =>
        CaseAtWork.StartAsync(Drawing("Literal", condition, overdueAfter));

    static JsonNode Drawing(string kind, string condition, string? overdueAfter)
    {
        var wait = new JsonObject
        {
            ["id"] = "wait",
            ["type"] = "Sentinel.AwaitCondition",
            ["condition"] = Expression(kind, condition),
        };
        if (overdueAfter is not null)
            wait["overdueAfter"] = Expression("Literal", overdueAfter);
        return new JsonObject
        {
            ["definitionId"] = "waits",
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["activities"] = new JsonArray(wait),
                ["connections"] = new JsonArray(),
            },
        };
    }

    static JsonObject Expression(string type, string value) =>
        new() { ["expression"] = JsonSerializer.SerializeToNode(new { type, value }) };

    static WatchConditions Watching(CaseAtWork work) =>
        new(work.Office.Database.Sentinel, work.Office.Machines, TimeProvider.System);

    static async Task TagAsync(CaseAtWork work, string tag) =>
        Office.Done(
            await work.Office.TagCase.RunAsync(work.Office.Analyst.Token, work.CaseId, tag, default)
        );

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
    }
}
