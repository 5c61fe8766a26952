using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Audit;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>No tool, workflow or import closes, attests, approves or cancels: service and database say so.</summary>
public sealed class MachinesDecideNothingTests
{
    [Fact]
    public async Task A_machine_is_refused_by_the_service_and_the_refusal_is_kept()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        var approval = Office.Done(
            await office.AskApproval.RunAsync(office.Workflow, caseId, null, "Close?", default)
        );
        var task = Office.Done(
            await office.CreateTask.RunAsync(
                office.Workflow,
                caseId,
                "remediation",
                "Block root",
                null,
                default
            )
        );

        Assert.Equal(
            "case.close.person_only",
            Rule(await office.CloseCase.RunAsync(office.Workflow, caseId, default))
        );
        Assert.Equal(
            "case.attest.person_only",
            Rule(await office.AttestCase.RunAsync(office.Workflow, caseId, "Fine", default))
        );
        Assert.Equal(
            "approval.approve.person_only",
            Rule(
                await office.DecideApproval.RunAsync(
                    office.Workflow,
                    approval.Id,
                    ApprovalTrigger.Approve,
                    "Yes",
                    default
                )
            )
        );
        Assert.Equal(
            "task.cancel.person_only",
            Rule(await office.CancelTask.RunAsync(office.Workflow, task.Id, "no", default))
        );

        var story = await office.StoryAsync(caseId);
        foreach (
            var action in new[] { "case.close", "case.attest", "approval.approve", "task.cancel" }
        )
        {
            var kept = Assert.Single(story.Timeline, entry => entry.Action == action + ".refused");
            Assert.Equal("workflow", kept.Actor);
            Assert.Contains("person_only", kept.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        """
            UPDATE psa.cases SET status = 'in_progress', responded_at = now()
            WHERE status = 'open' AND id <> $1
            """
    )]
    [InlineData(
        """
            UPDATE psa.cases SET status = 'closed', closed_at = now(), closed_by = access.actor_id()
            WHERE id = $1
            """
    )]
    [InlineData(
        """
            INSERT INTO psa.attestations
                (id, organisation_id, case_id, attested_by, as_role, statement, attested_at)
            SELECT gen_random_uuid(), organisation_id, id, owner_id, 'incident_manager', 'Fine', now()
            FROM psa.cases WHERE id = $1
            """
    )]
    [InlineData(
        """
            INSERT INTO psa.case_dispositions
            SELECT gen_random_uuid(), organisation_id, id, 'benign', 'no', owner_id, now()
            FROM psa.cases WHERE id = $1
            """
    )]
    public async Task A_machine_is_refused_by_the_database(string sql)
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        await office.CaseAsync();
        // Whatever it may have been granted: the rule does not ask for permissions first.
        await office.Database.RunAsSuperuserAsync(
            """
            INSERT INTO psa.machine_permissions (organisation_id, machine_id, permission)
            SELECT organisation_id, id, unnest(ARRAY['case.close', 'case.attest', 'case.take',
                'case.dispose', 'approval.decide'])
            FROM psa.machines WHERE name = 'workflow'
            """
        );

        foreach (var machine in (Secret[])[office.Workflow, office.Siem])
            Assert.EndsWith(
                ".person_only",
                await office.RuleByHandAsync(machine, sql, caseId),
                StringComparison.Ordinal
            );
    }

    [Fact]
    public async Task Without_a_credential_nothing_is_written()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        await using var command = office.Database.Sentinel.Psa.CreateCommand(
            "UPDATE psa.cases SET status = 'closed' WHERE id = $1"
        );
        command.Parameters.AddWithValue(caseId);

        // Row-level security shows no case to somebody who presented nothing.
        Assert.Equal(0, await command.ExecuteNonQueryAsync());
    }

    static string Rule<T>(Outcome<T> outcome) => Office.Refused(outcome).Rule;
}
