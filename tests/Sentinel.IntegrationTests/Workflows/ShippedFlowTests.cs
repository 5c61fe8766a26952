using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>What the tests inside the definitions simulate, with real tasks, people and rows.</summary>
public class ShippedFlowTests
{
    [Fact]
    public async Task A_malicious_mail_is_dealt_with_on_two_ways_that_both_have_to_end()
    {
        await using var work = await CaseAtWork.StartAsync(
            ContainAccountTests.Shipped("phishing_report")
        );

        await work.DoAsync("investigation", "malicious: a login page");
        var containment = (await work.Office.StoryAsync(work.CaseId)).Tasks.Where(task =>
            task.TaskType == "containment"
        );
        foreach (var task in containment)
        {
            Assert.DoesNotContain(
                "askForClosure",
                await work.PathAsync(),
                StringComparison.Ordinal
            );
            Office.Done(
                await work.Office.StartTask.RunAsync(work.Office.Analyst.Token, task.Id, default)
            );
            Office.Done(
                await work.Office.CompleteTask.RunAsync(
                    work.Office.Analyst.Token,
                    task.Id,
                    "done",
                    default
                )
            );
            await work.RunAsync();
        }
        await work.DecideAsync(ApprovalTrigger.Approve);

        Assert.Equal("finished", await work.StatusAsync());
        Assert.Equal(CaseState.Open, (await work.Office.StoryAsync(work.CaseId)).Case.Status);
    }

    [Fact]
    public async Task What_is_still_found_is_patched_again_and_only_then_asked_about()
    {
        await using var work = await CaseAtWork.StartAsync(
            ContainAccountTests.Shipped("patch_vulnerability")
        );

        await work.DoAsync("risk_assessment", "reachable from outside");
        await work.DecideAsync(ApprovalTrigger.Approve);
        await work.DoAsync("remediation", "updated");
        await work.DoAsync("verification", "still found");
        await work.DoAsync("remediation", "the right one now");
        await work.DoAsync("verification", "gone");
        await work.DecideAsync(ApprovalTrigger.Approve);

        Assert.Equal("finished", await work.StatusAsync());
    }
}
