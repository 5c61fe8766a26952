using System.Text.Json;
using System.Text.Json.Nodes;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Automation;
using Sentinel.Workflows;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A person tells the workflows of a case that something happened, and starts others for it.</summary>
public class RaiseEventTests
{
    static readonly JsonElement nothing = JsonSerializer.SerializeToElement<object?>(null);

    [Fact]
    public async Task What_waits_for_it_goes_on_and_what_begins_with_it_starts_for_the_case()
    {
        await using var work = await CaseAtWork.StartAsync(Waiting("waits", "confirmed"));
        await work.ShipAsync(Waiting("begins", "confirmed", starts: true));
        await work.ShipAsync(Waiting("elsewhere", "confirmed"));
        var other = await work.Office.CaseAsync();

        var raised = Office.Done(
            await RaiseAsync(work, "confirmed", JsonSerializer.SerializeToElement("by phone"))
        );
        await work.RunAsync();

        Assert.Equal(1, raised.Answered);
        var begun = Assert.Single(raised.Started);
        Assert.Equal("begins", begun.Workflow);
        Assert.Equal("finished", await work.StatusAsync());
        var story = Office.Done(
            await new ShowWorkflow(work.Office.Database.Sentinel).RunAsync(
                work.Office.Analyst.Token,
                begun.InstanceId,
                default
            )
        );
        Assert.Equal((work.CaseId, "finished"), (story.Workflow.CaseId, story.Workflow.Status));
        Assert.Equal(
            """{"Result":"by phone"}""",
            story.Journal.First(step => step.Detail is not null).Detail!.Value.GetRawText()
        );
        Assert.Contains(
            "by phone",
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT metadata::text FROM psa.audit_log
                WHERE entity_type = 'case_workflow_event' AND subject_id = '{work.CaseId}'
                """
            ),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "case_workflow_event",
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT string_agg(DISTINCT entity_type, ',') FROM psa.audit_log
                WHERE entity_type = 'case_workflow_event' AND subject_id <> '{other}'
                """
            )
        );
    }

    [Fact]
    public async Task An_event_that_nobody_hears_is_refused_with_what_is_waited_for()
    {
        await using var work = await CaseAtWork.StartAsync(Waiting("waits", "confirmed"));
        var refused = Assert.IsType<Outcome<RaisedEvent>.Declined>(
            await RaiseAsync(work, "confirmd", nothing)
        );
        Assert.Equal(
            "nothing of this case waits for an event 'confirmd', and no workflow begins with it: it waits for confirmed",
            refused.Why.Reason
        );
        Assert.IsType<Outcome<RaisedEvent>.Declined>(
            await RaiseAsync(
                work,
                "confirmed",
                JsonSerializer.SerializeToElement(new string('x', 70_000))
            )
        );
        Assert.IsType<Outcome<RaisedEvent>.Declined>(
            await Running(work)
                .RaiseAsync(work.Office.Workflow, work.CaseId, "confirmed", nothing, default)
        );
        Assert.Equal("suspended", await work.StatusAsync());
        Assert.Equal(
            0L,
            await work.Office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM psa.case_workflow_events"
            )
        );
    }

    [Fact]
    public async Task Another_case_that_waits_for_the_same_event_goes_on_waiting()
    {
        await using var work = await CaseAtWork.StartAsync(Waiting("waits", "confirmed"));
        var other = await work.Office.CaseAsync();
        await StartAsync(work, other, "waits");
        await work.RunAsync();

        Office.Done(
            await Running(work)
                .RaiseAsync(work.Office.Analyst.Token, other, "confirmed", nothing, default)
        );
        await work.RunAsync();
        Assert.Equal("suspended", await work.StatusAsync());
    }

    [Fact]
    public async Task A_case_has_so_many_open_workflows_that_people_started_and_no_more()
    {
        await using var work = await CaseAtWork.StartAsync(Waiting("waits", "confirmed"));
        await work.ShipAsync(Waiting("begins", "confirmed", starts: true));
        for (var count = 1; count < 100; count++)
            await StartAsync(work, work.CaseId, "waits");
        foreach (var start in (bool[])[true, false])
        {
            RuleRefusal why = start
                ? Assert
                    .IsType<Outcome<Guid>.Declined>(
                        await Running(work)
                            .RunAsync(
                                work.Office.Analyst.Token,
                                work.CaseId,
                                "waits",
                                new Dictionary<string, JsonElement>(),
                                default
                            )
                    )
                    .Why
                : Assert
                    .IsType<Outcome<RaisedEvent>.Declined>(
                        await RaiseAsync(work, "confirmed", nothing)
                    )
                    .Why;
            Assert.Equal(
                (
                    start ? "workflow.run.many" : "workflow.raise.many",
                    "100 workflows run for this case already"
                ),
                (why.Rule, why.Reason)
            );
        }
        Assert.Equal(
            100L,
            await work.Office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE signals = 0"
            )
        );
    }

    static JsonNode Waiting(string definitionId, string eventName, bool starts = false) =>
        JsonSerializer.SerializeToNode(
            new
            {
                definitionId,
                root = new
                {
                    id = "flow",
                    type = "Elsa.Flowchart",
                    activities = new[]
                    {
                        new
                        {
                            id = "wait",
                            type = "Elsa.Event",
                            customProperties = new { canStartWorkflow = starts },
                            eventName = new
                            {
                                expression = new { type = "Literal", value = eventName },
                            },
                        },
                    },
                    connections = Array.Empty<object>(),
                },
            }
        )!;

    static RunWorkflow Running(CaseAtWork work) =>
        new(work.Office.Database.Sentinel, work.Runner, TimeProvider.System);

    static async Task StartAsync(CaseAtWork work, Guid caseId, string workflow) =>
        Office.Done(
            await Running(work)
                .RunAsync(
                    work.Office.Analyst.Token,
                    caseId,
                    workflow,
                    new Dictionary<string, JsonElement>(),
                    default
                )
        );

    static Task<Outcome<RaisedEvent>> RaiseAsync(
        CaseAtWork work,
        string name,
        JsonElement payload
    ) => Running(work).RaiseAsync(work.Office.Analyst.Token, work.CaseId, name, payload, default);
}
