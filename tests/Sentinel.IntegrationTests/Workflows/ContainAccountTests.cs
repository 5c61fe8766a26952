using System.Text.Json.Nodes;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;

namespace Sentinel.IntegrationTests.Workflows;

public class ContainAccountTests
{
    [Fact]
    public async Task A_contained_account_leads_to_the_question_of_closure_and_the_case_stays_open()
    {
        await using var work = await CaseAtWork.StartAsync(Shipped());
        Assert.Contains("root", (await work.OpenTaskAsync("contain")).Description);

        await work.DoAsync("contain", "contained");
        Assert.Equal("suspended", await work.StatusAsync());
        await work.DecideAsync(ApprovalTrigger.Approve);

        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal(
            "begin contain waitContained isContained askForClosure result finish flow Workflow1",
            await work.PathAsync()
        );
        Assert.Equal(CaseState.Open, (await work.Office.StoryAsync(work.CaseId)).Case.Status);
    }

    [Fact]
    public async Task An_account_that_was_not_contained_is_investigated_and_a_no_begins_again()
    {
        await using var work = await CaseAtWork.StartAsync(Shipped());

        await work.DoAsync("contain", "not reachable");
        await work.DoAsync("investigation", "it is disabled now");
        await work.DecideAsync(ApprovalTrigger.Refuse);
        await work.DoAsync("contain", "contained");
        await work.DecideAsync(ApprovalTrigger.Approve);

        Assert.Equal("finished", await work.StatusAsync());
        Assert.StartsWith(
            "begin contain waitContained isContained investigate waitInvestigated askForClosure contain",
            await work.PathAsync()
        );
    }

    [Fact]
    public async Task Moving_an_arrow_in_the_json_changes_the_path()
    {
        var moved = Shipped();
        moved.AsObject().Remove("customProperties");
        var arrow = moved["root"]!["connections"]!
            .AsArray()
            .Single(connection =>
                connection!["source"]!["activity"]!.GetValue<string>() == "isContained"
                && connection["source"]!["port"]!.GetValue<string>() == "True"
            )!;
        arrow["target"]!["activity"] = "result";
        await using var work = await CaseAtWork.StartAsync(moved);

        await work.DoAsync("contain", "contained");

        Assert.Equal(
            "begin contain waitContained isContained result finish flow Workflow1",
            await work.PathAsync()
        );
    }

    [Fact]
    public async Task A_running_instance_stays_on_its_version()
    {
        var first = Shipped();
        await using var work = await CaseAtWork.StartAsync(first);
        await work.ShipAsync(Emptied());

        await work.DoAsync("contain", "contained");

        Assert.Equal("suspended", await work.StatusAsync());
        Assert.Contains("isContained", await work.PathAsync());
    }

    /// <summary>The same workflow that only begins: nothing else is drawn, and no test asks for more.</summary>
    public static JsonNode Emptied()
    {
        var definition = Shipped();
        definition.AsObject().Remove("customProperties");
        var activities = definition["root"]!["activities"]!.AsArray();
        while (activities.Count > 1)
            activities.RemoveAt(1);
        definition["root"]!["connections"] = new JsonArray();
        return definition;
    }

    public static JsonNode Shipped(string name = "contain_account")
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sentinel.sln")))
            folder = folder.Parent!;
        var file = Path.Combine(folder.FullName, "workflows", name + ".json");
        return JsonNode.Parse(File.ReadAllText(file))!;
    }
}
