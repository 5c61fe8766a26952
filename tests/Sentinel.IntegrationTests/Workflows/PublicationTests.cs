using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Organisations;
using Sentinel.Workflows.Publication;

namespace Sentinel.IntegrationTests.Workflows;

public class PublicationTests
{
    [Fact]
    public async Task A_version_runs_once_a_second_person_has_approved_it()
    {
        await using var work = await CaseAtWork.StartAsync(ContainAccountTests.Shipped());
        var office = work.Office;
        var author = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var other = await office.HireAsync("eve", RoleSeeds.ProcessOwner);
        var definition = ContainAccountTests.Emptied();
        var publish = new PublishWorkflow(
            office.Database.Sentinel,
            CaseActivities.Catalogue(TimeProvider.System),
            TimeProvider.System
        );
        var approve = new ApproveWorkflow(office.Database.Sentinel, TimeProvider.System);
        var text = definition.ToJsonString();

        Assert.IsType<PublishOutcome.Refused>(
            await publish.RunAsync(office.Analyst.Token, text, default)
        );
        var proposed = Assert.IsType<PublishOutcome.Proposed>(
            await publish.RunAsync(author.Token, text, default)
        );
        // The one that ships is the first.
        Assert.Equal(2, proposed.Version);
        Assert.IsType<PublishOutcome.AlreadySo>(
            await publish.RunAsync(author.Token, text, default)
        );
        var own = Assert.IsType<PublishOutcome.Refused>(
            await approve.RunAsync(author.Token, "contain_account", 2, default)
        );
        Assert.Contains("did not propose", own.Reason);

        await work.BeginAsync("contain_account");
        Assert.Contains("contain", await work.PathAsync());
        Assert.IsType<PublishOutcome.Published>(
            await approve.RunAsync(other.Token, "contain_account", 2, default)
        );
        await work.BeginAsync("contain_account");
        Assert.Equal("begin flow Workflow1", await work.PathAsync());
    }

    [Fact]
    public async Task What_was_drawn_anew_is_refused_while_its_tests_still_show_the_old_path()
    {
        await using var office = await Office.OpenAsync();
        var author = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var definition = ContainAccountTests.Shipped();
        var last = definition["root"]!["connections"]!.AsArray();
        last.RemoveAt(last.Count - 2);

        var refused = Assert.IsType<PublishOutcome.Invalid>(
            await new PublishWorkflow(
                office.Database.Sentinel,
                CaseActivities.Catalogue(TimeProvider.System),
                TimeProvider.System
            ).RunAsync(author.Token, definition.ToJsonString(), default)
        );

        Assert.Equal(["WFL051"], refused.Problems.Select(problem => problem.Code).Distinct());
        Assert.Equal(
            0L,
            await office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_definitions"
            )
        );
    }

    [Fact]
    public async Task An_invalid_definition_is_not_stored_and_says_everything()
    {
        await using var office = await Office.OpenAsync();
        var definition = ContainAccountTests.Shipped();
        definition["root"]!["activities"]![0]!["type"] = "Sentinel.CloseCase";
        var outcome = await new BootstrapWorkflows(
            CaseActivities.Catalogue(TimeProvider.System),
            TimeProvider.System
        ).RunAsync(
            office.Database.SuperuserConnectionString,
            new Dictionary<string, string> { ["contain.json"] = definition.ToJsonString() },
            default
        );

        Assert.Equal(
            "contain.json: begin: WFL020 'Sentinel.CloseCase' is not an activity that we can run.",
            Assert.Single(outcome.Problems)
        );
        Assert.Equal(
            0L,
            await office.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.shipped_definitions"
            )
        );
    }
}
