using System.Text.Json.Nodes;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Tasks;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A drawing asks a real connector and goes on by the port that its answer opens.</summary>
public sealed class ConnectorFlowTests
{
    [Theory]
    [InlineData("rmm", "Sentinel.RunRmmScript", "succeeded", "Succeeded")]
    [InlineData("edr", "Sentinel.EdrAction", "failed", "Failed")]
    [InlineData("scan", "Sentinel.StartScan", "succeeded", "Succeeded")]
    [InlineData("edr", "Sentinel.EdrAction", "failed", "Sent")]
    public async Task A_workflow_asks_a_connector_and_follows_its_answer(
        string kind,
        string type,
        string status,
        string port
    )
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var work = await AtWorkAsync(there, kind, type, port);
        var office = work.Office;

        await work.BeginAsync("ask");
        await work.SendAsync();
        var request = Assert.Single(there.Done);
        await work.RunAsync();
        // Only who waits for no more goes on before the answer.
        Assert.Equal(port == "Sent" ? "finished" : "suspended", await work.StatusAsync());
        Assert.Equal("web-1", request.GetProperty("arguments").GetProperty("host").GetString());
        Office.Done(
            await new ReceiveOutcome(
                office.Database.Sentinel,
                office.Machines,
                office.Objects,
                TimeProvider.System
            ).RunAsync(
                office.OrganisationId,
                request.GetProperty("id").GetGuid(),
                there.Outcome(
                    $$$"""{"status": "{{{status}}}", "detail": "so it went", "output": "all of it"}""",
                    TimeProvider.System.GetUtcNow()
                ),
                default
            )
        );
        await work.RunAsync();

        var story = await office.StoryAsync(work.CaseId);
        var task = Assert.Single(story.Tasks, one => one.TaskType == "automation");
        Assert.Equal((CaseTaskState.Done, status), (task.Status, task.Result));
        var told = port == "Sent" ? "" : "so it went";
        Assert.Contains(story.Tasks, one => one.Description == $"Followed {told}");
        Assert.Contains(story.Evidence, one => one.Title == "What tool said of act");
    }

    [Fact]
    public async Task What_was_never_taken_does_not_leave_by_Sent()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var work = await AtWorkAsync(there, "edr", "Sentinel.EdrAction", "Sent");
        there.AnswerWith(400);

        await work.BeginAsync("ask");
        await work.SendAsync();
        await work.RunAsync();

        Assert.Equal("finished", await work.StatusAsync());
        var task = Assert.Single(
            (await work.Office.StoryAsync(work.CaseId)).Tasks,
            one => one.TaskType == "automation"
        );
        Assert.Equal((CaseTaskState.Done, "failed"), (task.Status, task.Result));
        Assert.DoesNotContain(
            (await work.Office.StoryAsync(work.CaseId)).Tasks,
            one => one.Description.StartsWith("Followed", StringComparison.Ordinal)
        );
    }

    static async Task<CaseAtWork> AtWorkAsync(
        ReferenceConnector there,
        string kind,
        string type,
        string port
    )
    {
        var work = await CaseAtWork.StartAsync(
            JsonNode.Parse(Flow.Of("before", Flow.Event("wait", "never")))!
        );
        there.Secret = (
            await work.Office.ConnectorAsync(new NewConnector("tool", kind, there.Url, true))
        ).Secret;
        await work.ShipAsync(Drawing(type, port));
        return work;
    }

    static JsonNode Drawing(string type, string port) =>
        JsonNode.Parse(
            $$$"""
            {"definitionId": "ask", "name": "ask", "root": {"id": "flow", "type": "Elsa.Flowchart",
             "activities": [
               {"id": "tool", "type": "{{{type}}}",
                "connector": {"typeName": "String", "expression": {"type": "Literal", "value": "tool"}},
                "action": {"typeName": "String", "expression": {"type": "Literal", "value": "act"} },
                "continueWhenSent": {"typeName": "Boolean", "expression": {"type": "JavaScript", "value": "'{{{port}}}' === 'Sent'"} },
                "arguments": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"host\": \"web-1\"}"} } },
               {"id": "after", "type": "Sentinel.CreateTask",
                "taskType": {"typeName": "String", "expression": {"type": "Literal", "value": "investigation"}},
                "description": {"typeName": "String", "expression": {"type": "JavaScript", "value": "'Followed ' + getOutputFrom('tool', 'Result')"} } }],
             "connections": [
               {"source": {"activity": "tool", "port": "{{{port}}}"}, "target": {"activity": "after", "port": "In"}}]} }
            """
        )!;
}
