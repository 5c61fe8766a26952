using System.Text.Json.Nodes;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Cases;
using Sentinel.Workflows.Definitions;

namespace Sentinel.IntegrationTests.Workflows;

public class NothingClosesTests
{
    public static TheoryData<string> Types() =>
        [.. CaseActivities.Catalogue(TimeProvider.System).Descriptions.Select(d => d.TypeName)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task No_activity_closes_attests_or_approves(string type)
    {
        var description = CaseActivities
            .Catalogue(TimeProvider.System)
            .Descriptions.Single(activity => activity.TypeName == type);
        await using var work = await CaseAtWork.StartAsync(
            OneActivity(description),
            resolved: true
        );

        foreach (var forbidden in (string[])["attestations", "case_dispositions"])
            Assert.Equal(
                0L,
                await work.Office.Database.AskAsSuperuserAsync<long>(
                    $"""
                    SELECT count(*) FROM psa.{forbidden} t
                    WHERE to_jsonb(t) ->> 'attested_by' IN (SELECT id::text FROM psa.machines)
                       OR to_jsonb(t) ->> 'decided_by' IN (SELECT id::text FROM psa.machines)
                    """
                )
            );
        Assert.Equal(
            0L,
            await work.Office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM psa.approvals WHERE status IN ('approved', 'refused')"
            )
        );
        Assert.Equal(CaseState.Resolved, (await work.Office.StoryAsync(work.CaseId)).Case.Status);
    }

    static JsonObject OneActivity(ActivityDescription description)
    {
        var activity = new JsonObject { ["id"] = "only", ["type"] = description.TypeName };
        foreach (var input in description.Inputs.Where(input => input.Required))
            activity[input.Name] =
                input.Name == "taskId" ? Guid.Empty.ToString() : "close the case";
        if (activity.ContainsKey("severity"))
            activity["severity"] = 0;
        if (activity.ContainsKey("condition"))
            activity["condition"] = "case.status == closed";
        if (activity.ContainsKey("taskType"))
            activity["taskType"] = "close";
        return new JsonObject
        {
            ["definitionId"] = "only",
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["activities"] = new JsonArray(activity),
                ["connections"] = new JsonArray(),
            },
        };
    }
}
