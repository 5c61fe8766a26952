using Sentinel.Psa.Approvals;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Nobody judges their own work: through another token, through a deputy, past the service.</summary>
public sealed class OwnWorkTests
{
    const string AttestSql = """
        INSERT INTO psa.attestations
            (id, organisation_id, case_id, attested_by, as_role, statement, attested_at)
        SELECT gen_random_uuid(), organisation_id, id, access.actor_id(), 'incident_manager', 'Fine', now()
        FROM psa.cases WHERE id = $1
        """;
    const string CloseSql = """
        UPDATE psa.cases SET status = 'closed', closed_at = now(), closed_by = access.actor_id()
        WHERE id = $1
        """;

    [Fact]
    public async Task The_assignee_cannot_attest_with_any_token()
    {
        await using var office = await Office.OpenAsync();
        var second = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var caseId = await office.ResolvedCaseAsync(second);
        var other = await office.IssueAsync(
            second.Token,
            new CredentialHolder.ForPerson(second.Id),
            TimeSpan.FromHours(1)
        );

        foreach (var token in new[] { second.Token, other })
        {
            var refusal = Office.Refused(
                await office.AttestCase.RunAsync(token, caseId, "Fine", default)
            );
            Assert.Equal("case.attest.own_work", refusal.Rule);
            Assert.NotEmpty(refusal.Instead!);
            Assert.Equal(
                "case.attest.own_work",
                await office.RuleByHandAsync(token, AttestSql, caseId)
            );
        }
        var story = await office.StoryAsync(caseId);
        Assert.Equal(2, story.Timeline.Count(entry => entry.Action == "case.attest.refused"));
    }

    [Fact]
    public async Task A_deputy_cannot_attest_what_the_other_did()
    {
        await using var office = await Office.OpenAsync();
        var second = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var caseId = await office.ResolvedCaseAsync(second);
        var deputy = await office.HireAsync("deb", RoleSeeds.Analyst);
        var token = await office.DeputiseAsync(second, deputy);

        var refusal = Office.Refused(
            await office.AttestCase.RunAsync(token, caseId, "Fine", default)
        );

        Assert.Equal("case.attest.own_work", refusal.Rule);
        Assert.Equal(
            "case.attest.own_work",
            await office.RuleByHandAsync(token, AttestSql, caseId)
        );
    }

    [Fact]
    public async Task Nobody_attests_what_their_deputy_did_for_them()
    {
        await using var office = await Office.OpenAsync();
        var second = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var deputy = await office.HireAsync("deb", RoleSeeds.Analyst);
        var token = await office.DeputiseAsync(second, deputy);
        var caseId = await office.ResolvedCaseAsync(new Office.Person(deputy.Id, token));

        var refusal = Office.Refused(
            await office.AttestCase.RunAsync(second.Token, caseId, "Fine", default)
        );

        Assert.Equal("case.attest.own_work", refusal.Rule);
        Assert.Equal(
            "case.attest.own_work",
            await office.RuleByHandAsync(second.Token, AttestSql, caseId)
        );
    }

    [Fact]
    public async Task Whoever_worked_cannot_close_even_where_somebody_else_attested()
    {
        await using var office = await Office.OpenAsync();
        var second = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var caseId = await office.ResolvedCaseAsync(second);
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, caseId, "Read it", default)
        );

        var refusal = Office.Refused(
            await office.CloseCase.RunAsync(second.Token, caseId, default)
        );

        Assert.Equal("case.close.own_work", refusal.Rule);
        Assert.Equal(
            "case.close.own_work",
            await office.RuleByHandAsync(second.Token, CloseSql, caseId)
        );
    }

    [Fact]
    public async Task Work_after_an_attestation_makes_it_count_for_nothing()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, caseId, "Read it", default)
        );
        var late = Office.Done(
            await office.CreateTask.RunAsync(
                office.Analyst.Token,
                caseId,
                "investigation",
                "One more thing",
                null,
                default
            )
        );
        Office.Done(
            await office.CancelTask.RunAsync(office.Analyst.Token, late.Id, "not needed", default)
        );

        var refusal = Office.Refused(
            await office.CloseCase.RunAsync(office.Manager.Token, caseId, default)
        );

        Assert.Equal("case.close.attestation", refusal.Rule);
        Assert.Equal(
            "case.close.attestation",
            await office.RuleByHandAsync(office.Manager.Token, CloseSql, caseId)
        );
    }

    [Fact]
    public async Task Nobody_decides_what_they_asked_for()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var second = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var asked = Office.Done(
            await office.AskApproval.RunAsync(second.Token, caseId, null, "Block root?", default)
        );

        var refusal = Office.Refused(
            await office.DecideApproval.RunAsync(
                second.Token,
                asked.Id,
                ApprovalTrigger.Approve,
                "Yes",
                default
            )
        );

        Assert.Equal("approval.own_work", refusal.Rule);
        Assert.Equal(
            "approval.own_work",
            await office.RuleByHandAsync(
                second.Token,
                """
                UPDATE psa.approvals SET status = 'approved', decided_by = access.actor_id(),
                    decided_at = now(), reason = 'Yes'
                WHERE id = $1
                """,
                asked.Id
            )
        );
        var decided = Office.Done(
            await office.DecideApproval.RunAsync(
                office.Manager.Token,
                asked.Id,
                ApprovalTrigger.Approve,
                "Yes",
                default
            )
        );
        Assert.Equal(ApprovalState.Approved, decided.Status);
    }

    [Fact]
    public async Task Work_that_would_leave_nobody_to_attest_is_refused()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var task = (await office.StoryAsync(caseId)).Tasks[0];

        var refusal = Office.Refused(
            await office.StartTask.RunAsync(office.Manager.Token, task.Id, default)
        );
        Assert.Equal("work.leaves_no_attestor", refusal.Rule);
        Assert.Contains("incident_manager", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(
            "work.leaves_no_attestor",
            await office.RuleByHandAsync(
                office.Analyst.Token,
                "UPDATE psa.tasks SET assigned_to = $2 WHERE id = $1",
                task.Id,
                office.Manager.Id
            )
        );

        await office.HireAsync("max", RoleSeeds.IncidentManager);
        Office.Done(await office.StartTask.RunAsync(office.Manager.Token, task.Id, default));
    }

    [Fact]
    public async Task Nobody_gives_themselves_a_role_or_delegates_in_anothers_name()
    {
        await using var office = await Office.OpenAsync();
        const string grant = """
            INSERT INTO psa.user_roles (organisation_id, user_id, role_id)
            SELECT access.organisation_id(), access.actor_id(), id FROM psa.roles WHERE name = $1
            """;

        Assert.Equal(
            "permission.missing",
            await office.RuleByHandAsync(office.Analyst.Token, grant, "incident_manager")
        );
        Assert.Equal(
            "role.own_grant",
            await office.RuleByHandAsync(office.Administrator, grant, "incident_manager")
        );
        Assert.Equal(
            "actor.forged",
            await office.RuleByHandAsync(
                office.Analyst.Token,
                """
                INSERT INTO psa.delegations (id, organisation_id, delegator_id, delegate_id, valid_from,
                    valid_until, reason)
                VALUES (gen_random_uuid(), access.organisation_id(), $1, access.actor_id(), now(),
                    now() + interval '1 day', 'mine now')
                """,
                office.Manager.Id
            )
        );
    }
}
