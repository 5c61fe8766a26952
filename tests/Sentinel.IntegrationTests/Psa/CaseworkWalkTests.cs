using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;

namespace Sentinel.IntegrationTests.Psa;

public sealed class CaseworkWalkTests
{
    [Fact]
    public async Task A_case_goes_from_the_dock_to_its_seal()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();

        var story = await office.StoryAsync(caseId);
        Assert.Equal(CaseState.Closed, story.Case.Status);
        Assert.Equal("INC-1", story.Case.Number);
        Assert.Equal(7, story.Case.Severity);
        Assert.Equal("soc_tier_2", story.Case.Queue);
        Assert.Equal(office.Manager.Id, story.Case.ClosedBy);
        var task = Assert.Single(story.Tasks);
        Assert.Equal("Confirm the login of root, (absent)", task.Description);
        Assert.Equal(CaseTaskState.Done, task.Status);
        Assert.Single(story.Evidence);
        Assert.Equal(15, story.Sla!.ResponseMinutes);
        Assert.Equal(story.Sla.StartedAt.AddHours(4), story.Sla.ResolutionDueAt);
        Assert.NotNull(story.Seal);
        Assert.Equal("case.created", story.Timeline[0].Action);
        Assert.Contains(story.Timeline, entry => entry.Action == "case.closed");
        Assert.True(File.Exists(office.Database.Data.HeadFile("psa")));

        var verified = Office.Done(
            await office.VerifyCase.RunAsync(office.Manager.Token, caseId, default)
        );
        Assert.Empty(verified.Problems);
    }

    [Fact]
    public async Task A_case_is_named_by_its_number_and_by_no_other_prefix()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();

        foreach (var named in new[] { "INC-1", "inc-1", "1", caseId.ToString() })
            Assert.Equal(
                caseId,
                await office.ShowCase.FindAsync(office.Analyst.Token, named, default)
            );
        foreach (var named in new[] { "PRB-1", "INC-2", "-1", "x" })
            Assert.Null(await office.ShowCase.FindAsync(office.Analyst.Token, named, default));
    }

    [Fact]
    public async Task Closing_says_everything_that_is_missing_and_who_could_supply_it()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        Office.Done(await office.TakeCase.RunAsync(office.Analyst.Token, caseId, default));
        Office.Done(await office.ResolveCase.RunAsync(office.Analyst.Token, caseId, default));

        var refusal = Office.Refused(
            await office.CloseCase.RunAsync(office.Manager.Token, caseId, default)
        );

        Assert.Equal("case.close.disposition", refusal.Rule);
        Assert.Contains("Confirm the login of root", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("no attestation by", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("incident_manager", refusal.Instead, StringComparison.Ordinal);
        var story = await office.StoryAsync(caseId);
        Assert.Contains(story.Timeline, entry => entry.Action == "case.close.refused");
    }

    [Theory]
    [InlineData("UPDATE psa.cases SET status = 'in_progress' WHERE id = $1")]
    [InlineData("UPDATE psa.cases SET owner_id = NULL WHERE id = $1")]
    [InlineData("UPDATE psa.tasks SET result = 'better' WHERE case_id = $1")]
    [InlineData(
        """
            INSERT INTO psa.case_dispositions
            SELECT gen_random_uuid(), organisation_id, id, 'benign', 'no', access.actor_id(), now()
            FROM psa.cases WHERE id = $1
            """
    )]
    [InlineData(
        """
            INSERT INTO psa.tasks
                (id, organisation_id, case_id, task_type, description, created_by, created_at)
            SELECT gen_random_uuid(), organisation_id, id, 'more', 'work', access.actor_id(), now()
            FROM psa.cases WHERE id = $1
            """
    )]
    [InlineData(
        """
            INSERT INTO psa.evidence_items (id, organisation_id, case_id, evidence_type, source_system,
                title, hash, stored_uri, attached_by, created_at)
            SELECT gen_random_uuid(), organisation_id, case_id, evidence_type, 'manual', 'late', hash,
                stored_uri, access.actor_id(), now()
            FROM psa.evidence_items WHERE case_id = $1
            """
    )]
    public async Task A_closed_case_never_changes_again(string sql)
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();

        var rule = await office.RuleByHandAsync(office.Manager.Token, sql, caseId);

        Assert.Contains(rule, (string[])["case.closed_is_final", "task.final"]);
    }

    [Fact]
    public async Task What_was_closed_goes_on_in_a_case_that_follows_it()
    {
        await using var office = await Office.OpenAsync();
        var first = office.Escalation();
        var caseId = (await office.Intake.ReceiveAsync(first, default)).CaseId;
        await office.FinishAsync(caseId);

        var again = office.Escalation(first.About.Id, "later lines");
        var next = (await office.Intake.ReceiveAsync(again, default)).CaseId;

        Assert.NotEqual(caseId, next);
        Assert.Equal("INC-2", (await office.StoryAsync(next)).Case.Number);
        var third = office.Escalation(first.About.Id, "even later lines");
        Assert.Equal(next, (await office.Intake.ReceiveAsync(third, default)).CaseId);
        var verified = await office.VerifyCase.RunAsync(office.Manager.Token, caseId, default);
        Assert.Empty(Office.Done(verified).Problems);
    }
}
