using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Stories;

namespace Sentinel.IntegrationTests.Psa;

public sealed class GovernanceTests
{
    [Fact]
    public async Task A_case_does_not_close_without_its_seal_nor_with_another()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, caseId, "Read it", default)
        );
        const string close = """
            UPDATE psa.cases SET status = 'closed', closed_at = now(), closed_by = access.actor_id()
            WHERE id = $1
            """;

        Assert.Equal(
            "case.close.unsealed",
            await office.RuleByHandAsync(office.Manager.Token, close, caseId)
        );
        Assert.Equal(
            "case.seal.leaves",
            await office.RuleByHandAsync(
                office.Manager.Token,
                """
                WITH closing AS (
                    UPDATE psa.cases SET status = 'closed', closed_at = now(),
                        closed_by = access.actor_id()
                    WHERE id = $1 RETURNING id, organisation_id, closed_by)
                INSERT INTO psa.case_seals
                SELECT id, organisation_id, 1, ARRAY[sha256('')], sha256(''), 1, '[]', '[]', 'forged',
                    closed_by, now()
                FROM closing
                """,
                caseId
            )
        );
    }

    [Fact]
    public async Task A_disabled_user_can_do_nothing_and_keeps_everything()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        var users = new SetUserStatus(office.Database.Sentinel);
        Office.Done(await users.RunAsync(office.Administrator, office.Analyst.Id, false, default));

        var refused = await Assert.ThrowsAsync<CredentialRefusedException>(() =>
            office.ShowCase.RunAsync(office.Analyst.Token, caseId, default)
        );

        Assert.Contains("disabled", refused.Message, StringComparison.Ordinal);
        Assert.Equal(office.Analyst.Id, (await office.StoryAsync(caseId)).Case.OwnerId);
        var task = Office.Done(
            await office.CreateTask.RunAsync(
                office.Manager.Token,
                caseId,
                "remediation",
                "More",
                null,
                default
            )
        );
        Assert.Equal(
            "user.disabled",
            Rule(
                await office.AssignTask.RunAsync(
                    office.Manager.Token,
                    task.Id,
                    office.Analyst.Id,
                    default
                )
            )
        );
        Office.Done(await users.RunAsync(office.Administrator, office.Analyst.Id, true, default));
        await office.ShowCase.RunAsync(office.Analyst.Token, caseId, default);
    }

    [Theory]
    [InlineData(
        "UPDATE psa.organisations SET status = 'suspended'",
        "the organisation is suspended"
    )]
    [InlineData(
        """
            ALTER TABLE psa.credentials DISABLE TRIGGER USER;
            UPDATE psa.credentials SET created_at = now() - interval '3 days',
                expires_at = now() - interval '2 days';
            """,
        "the credential expired on"
    )]
    public async Task What_is_over_opens_nothing_and_says_why(string sql, string reason)
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        await office.Database.RunAsSuperuserAsync(sql);

        var refused = await Assert.ThrowsAsync<CredentialRefusedException>(() =>
            office.TakeCase.RunAsync(office.Analyst.Token, caseId, default)
        );

        Assert.StartsWith(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_credential_opens_nothing()
    {
        await using var office = await Office.OpenAsync();
        var issued = Office.Done(
            await new IssueCredential(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Analyst.Token,
                new CredentialHolder.ForPerson(office.Analyst.Id),
                TimeSpan.FromHours(1),
                default
            )
        );
        Office.Done(
            await new RevokeCredential(office.Database.Sentinel, TimeProvider.System).RunAsync(
                issued.Secret,
                issued.Id,
                "lost",
                default
            )
        );

        await Assert.ThrowsAsync<CredentialRefusedException>(() =>
            office.ShowCase.RunAsync(issued.Secret, Guid.Empty, default)
        );
    }

    [Fact]
    public async Task Another_organisation_sees_and_changes_nothing()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        var evidence = (await office.StoryAsync(caseId)).Evidence[0].Id;
        var other = await Office.FoundAsync(office.Database, "Quarry");

        Assert.IsType<Outcome<CaseStory>.NotFound>(
            await other.ShowCase.RunAsync(other.Manager.Token, caseId, default)
        );
        Assert.IsType<Outcome<Case>.NotFound>(
            await other.TakeCase.RunAsync(other.Analyst.Token, caseId, default)
        );
        Assert.IsType<Outcome<Sentinel.Psa.Evidence.EvidenceContent>.NotFound>(
            await other.ReadEvidence.RunAsync(other.Analyst.Token, evidence, default)
        );
        Assert.Equal(
            "case.unknown",
            await other.RuleByHandAsync(
                other.Analyst.Token,
                """
                INSERT INTO psa.tasks
                    (id, organisation_id, case_id, task_type, description, created_by, created_at)
                VALUES (gen_random_uuid(), access.organisation_id(), $1, 'more', 'work',
                    access.actor_id(), now())
                """,
                caseId
            )
        );
        Assert.Equal("INC-1", (await other.StoryAsync(await other.CaseAsync())).Case.Number);
    }

    [Theory]
    [InlineData("UPDATE psa.audit_log SET metadata = '{}' WHERE action = 'task.done'", "audit row")]
    [InlineData("DELETE FROM psa.audit_log WHERE action = 'task.done'", "sealed leaf")]
    [InlineData(
        "UPDATE psa.case_seals SET root_hash = sha256('')",
        "the stored root is not the root"
    )]
    [InlineData(
        "UPDATE psa.case_seals SET leaf_hashes[1] = sha256('')",
        "the seal does not say what was signed"
    )]
    public async Task Whoever_changes_a_closed_case_past_every_rule_is_found(
        string sql,
        string problem
    )
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        await office.Database.RunAsSuperuserAsync(
            $"""
            ALTER TABLE psa.audit_log DISABLE TRIGGER ALL;
            ALTER TABLE psa.audit_leaves DISABLE TRIGGER ALL;
            ALTER TABLE psa.case_seals DISABLE TRIGGER ALL;
            {sql};
            ALTER TABLE psa.audit_log ENABLE TRIGGER ALL;
            ALTER TABLE psa.audit_leaves ENABLE TRIGGER ALL;
            ALTER TABLE psa.case_seals ENABLE TRIGGER ALL
            """
        );

        var verified = Office.Done(
            await office.VerifyCase.RunAsync(office.Manager.Token, caseId, default)
        );

        Assert.Contains(
            verified.Problems,
            found => found.StartsWith(problem, StringComparison.Ordinal)
        );
    }

    static string Rule<T>(Outcome<T> outcome) => Office.Refused(outcome).Rule;
}
