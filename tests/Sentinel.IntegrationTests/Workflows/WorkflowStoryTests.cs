using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Automation;
using Sentinel.Workflows;

namespace Sentinel.IntegrationTests.Workflows;

public class WorkflowStoryTests
{
    [Fact]
    public async Task Whoever_reads_cases_sees_where_their_workflows_stand_and_each_step()
    {
        await using var work = await CaseAtWork.StartAsync(ContainAccountTests.Shipped());
        var list = new ListWorkflows(work.Office.Database.Sentinel);
        var show = new ShowWorkflow(work.Office.Database.Sentinel);

        var one = Assert.Single(
            Office.Done(await list.RunAsync(work.Office.Analyst.Token, false, default))
        );
        Assert.Equal(
            (work.Instance, "contain_account", 1, "suspended"),
            (one.InstanceId, one.Definition, one.Version, one.Status)
        );
        Assert.Equal(["waitContained"], one.Waits);
        Assert.Null(one.Failure);
        Assert.Empty(Office.Done(await list.RunAsync(work.Office.Analyst.Token, true, default)));

        var story = Office.Done(
            await show.RunAsync(work.Office.Analyst.Token, work.Instance, default)
        );
        Assert.Equal(one, story.Workflow, (a, b) => a!.InstanceId == b!.InstanceId);
        var begun = story.Journal.First(step => step.ActivityId == "contain");
        Assert.Equal("started", begun.Event);
        Assert.Equal("contain", begun.Detail!.Value.GetProperty("taskType").GetString());
        Assert.IsType<Outcome<WorkflowStory>.NotFound>(
            await show.RunAsync(work.Office.Analyst.Token, work.CaseId, default)
        );
    }

    [Fact]
    public async Task What_failed_is_listed_with_the_activity_and_the_reason()
    {
        var definition = ContainAccountTests.Shipped();
        definition.AsObject().Remove("customProperties");
        var contain = definition["root"]!["activities"]![1]!;
        contain["assignee"] = System.Text.Json.Nodes.JsonNode.Parse(
            """{"typeName":"String","expression":{"type":"Literal","value":"nobody"}}"""
        );
        await using var work = await CaseAtWork.StartAsync(definition);

        var failed = Assert.Single(
            Office.Done(
                await new ListWorkflows(work.Office.Database.Sentinel).RunAsync(
                    work.Office.Analyst.Token,
                    true,
                    default
                )
            )
        );

        Assert.Equal("faulted", failed.Status);
        Assert.Equal("contain: 'nobody' is not the id of a person.", failed.Failure);
    }

    [Fact]
    public async Task A_person_cancels_a_workflow_and_the_story_of_the_case_says_who_and_why()
    {
        await using var work = await CaseAtWork.StartAsync(ContainAccountTests.Shipped());
        var steer = Steering(work);

        Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.RetryAsync(work.Office.Analyst.Token, work.Instance, "why not", default)
        );
        Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.CancelAsync(work.Office.Analyst.Token, work.Instance, " ", default)
        );
        Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.CancelAsync(work.Office.Siem, work.Instance, "a machine", default)
        );
        Office.Done(
            await steer.CancelAsync(
                work.Office.Analyst.Token,
                work.Instance,
                "the account is gone already",
                default
            )
        );
        await work.RunAsync();

        Assert.Equal("cancelled", await work.StatusAsync());
        Assert.Contains(
            "the account is gone already",
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT metadata::text FROM psa.audit_log
                WHERE entity_type = 'case_workflow_request' AND subject_id = '{work.CaseId}'
                """
            ),
            StringComparison.Ordinal
        );
        Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.CancelAsync(work.Office.Analyst.Token, work.Instance, "again", default)
        );
    }

    [Fact]
    public async Task A_person_has_a_workflow_go_on_in_the_newest_version_where_nothing_stands_in_the_way()
    {
        var drawing = ContainAccountTests.Shipped();
        drawing.AsObject().Remove("customProperties");
        await using var work = await CaseAtWork.StartAsync(drawing);
        var steer = Steering(work);
        var declined = Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.MigrateAsync(work.Office.Analyst.Token, work.Instance, "newer", default)
        );
        Assert.Equal("it follows version 1, the newest", declined.Why.Reason);

        var root = drawing["root"]!;
        var waits = root["activities"]!
            .AsArray()
            .Single(one => (string?)one!["id"] == "waitContained")!;
        waits["id"] = "waitOtherwise";
        var text = drawing
            .ToJsonString()
            .Replace("\"waitContained\"", "\"waitOtherwise\"", StringComparison.Ordinal);
        await work.ShipAsync(System.Text.Json.Nodes.JsonNode.Parse(text)!);
        declined = Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.MigrateAsync(work.Office.Analyst.Token, work.Instance, "newer", default)
        );
        Assert.StartsWith(
            "it cannot go on in version 2: It has passed 'contain', from which other connections lead now. It is at 'waitContained', which the new version has not.",
            declined.Why.Reason,
            StringComparison.Ordinal
        );

        var longer = ContainAccountTests.Shipped();
        longer.AsObject().Remove("customProperties");
        longer["name"] = "Contain account, and say so";
        await work.ShipAsync(longer);
        Assert.IsType<Outcome<WorkflowOfCase>.Declined>(
            await steer.MigrateAsync(work.Office.Siem, work.Instance, "a machine", default)
        );
        Office.Done(
            await steer.MigrateAsync(
                work.Office.Analyst.Token,
                work.Instance,
                "the new one says so",
                default
            )
        );
        await work.RunAsync();

        var story = Office.Done(
            await new ShowWorkflow(work.Office.Database.Sentinel).RunAsync(
                work.Office.Analyst.Token,
                work.Instance,
                default
            )
        );
        Assert.Equal((3, "suspended"), (story.Workflow.Version, story.Workflow.Status));
        Assert.Equal(
            ("migrated", "to version 3: the new one says so"),
            (story.Journal[^1].Event, story.Journal[^1].Message)
        );
        await work.DoAsync("contain", "done");
        Assert.Contains("waitContained", await work.PathAsync(), StringComparison.Ordinal);
    }

    static SteerWorkflow Steering(CaseAtWork work) =>
        new(
            work.Office.Database.Sentinel,
            new WorkflowRequests(CaseActivities.Catalogue(TimeProvider.System)),
            TimeProvider.System
        );

    [Fact]
    public async Task A_workflow_that_another_one_started_belongs_to_the_same_case()
    {
        await using var work = await CaseAtWork.StartAsync(ContainAccountTests.Shipped());
        await work.ShipAsync(
            System.Text.Json.Nodes.JsonNode.Parse(
                """
                {"definitionId":"above","root":{"id":"flow","type":"Elsa.Flowchart","activities":[
                  {"id":"child","type":"Elsa.ExecuteWorkflow",
                   "workflowDefinitionId":{"expression":{"type":"Literal","value":"contain_account"}},
                   "waitForCompletion":{"expression":{"type":"Literal","value":true}}}],"connections":[]}}
                """
            )!
        );
        await work.BeginAsync("above");

        var all = Office.Done(
            await new ListWorkflows(work.Office.Database.Sentinel).RunAsync(
                work.Office.Analyst.Token,
                false,
                default
            )
        );

        Assert.Equal(
            ["above", "contain_account", "contain_account"],
            all.Select(one => one.Definition).Order(StringComparer.Ordinal)
        );
        Assert.Single(all.Select(one => one.CaseNumber).Distinct());
    }
}
