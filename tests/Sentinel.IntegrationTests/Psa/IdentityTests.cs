using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Shared accounts, deputies, impersonation and roles: through the service and past it.</summary>
public sealed class IdentityTests
{
    const string AttestSql = """
        INSERT INTO psa.attestations
            (id, organisation_id, case_id, attested_by, as_role, statement, attested_at)
        SELECT gen_random_uuid(), organisation_id, id, access.actor_id(), 'incident_manager', 'Fine', now()
        FROM psa.cases WHERE id = $1
        """;
    const string DelegateSql = """
        INSERT INTO psa.delegations (id, organisation_id, delegator_id, delegate_id, valid_from, valid_until,
            reason, kind)
        VALUES (gen_random_uuid(), access.organisation_id(), $1, $2, now(), now() + $3::interval, 'mine',
            $4)
        """;

    [Fact]
    public async Task What_is_done_under_a_shared_account_is_the_work_of_each_who_stands_behind_it()
    {
        await using var office = await Office.OpenAsync();
        var desk = await office.HireAsync("desk", RoleSeeds.IncidentManager);
        await HoldAsync(office, desk, office.Manager);
        await office.HireAsync("max", RoleSeeds.IncidentManager);
        var caseId = await office.ResolvedCaseAsync(desk);

        Assert.Equal(
            "case.attest.own_work",
            await AttestRuleAsync(office, office.Manager.Token, caseId)
        );
    }

    [Fact]
    public async Task A_shared_account_decides_nothing()
    {
        await using var office = await Office.OpenAsync();
        var desk = await office.HireAsync("desk", RoleSeeds.IncidentManager);
        await HoldAsync(office, desk, office.Analyst);
        var caseId = await office.ResolvedCaseAsync(
            await office.HireAsync("eve", RoleSeeds.Analyst)
        );

        Assert.Equal(
            "case.attest.shared_account",
            await AttestRuleAsync(office, desk.Token, caseId)
        );
        Assert.Equal(
            "case.close.shared_account",
            Rule(await office.CloseCase.RunAsync(desk.Token, caseId, default))
        );
    }

    [Fact]
    public async Task Behind_an_account_stand_people_and_only_an_administrator_says_so()
    {
        await using var office = await Office.OpenAsync();
        var desk = await office.HireAsync("desk", RoleSeeds.Analyst);
        var other = await office.HireAsync("other", RoleSeeds.Analyst);
        await HoldAsync(office, desk, office.Analyst);

        Assert.Equal(
            "account.hold.chain",
            Rule(
                await Hold(office).RunAsync(office.Administrator, other.Id, desk.Id, "no", default)
            )
        );
        Assert.Equal(
            "permission.missing",
            Rule(
                await Hold(office)
                    .RunAsync(office.Manager.Token, other.Id, office.Analyst.Id, "no", default)
            )
        );
        Assert.Equal(
            "permission.missing",
            await office.RuleByHandAsync(
                office.Manager.Token,
                """
                INSERT INTO psa.account_holders
                VALUES (gen_random_uuid(), access.organisation_id(), $1, $2, 'no', access.actor_id(), now())
                """,
                other.Id,
                office.Analyst.Id
            )
        );
    }

    [Fact]
    public async Task Whoever_impersonates_sees_and_decides_nothing_and_both_names_are_kept()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        var token = Office
            .Done(
                await new ImpersonateUser(office.Database.Sentinel, TimeProvider.System).RunAsync(
                    office.Administrator,
                    office.Manager.Id,
                    TimeSpan.FromHours(1),
                    "support call 12",
                    default
                )
            )
            .Secret;

        Office.Done(await office.ShowCase.RunAsync(token, caseId, default));
        Assert.Equal("case.attest.impersonated", await AttestRuleAsync(office, token, caseId));
        Assert.Equal(
            "case.close.impersonated",
            Rule(await office.CloseCase.RunAsync(token, caseId, default))
        );
        var kept = Assert.Single(
            (await office.StoryAsync(caseId)).Timeline,
            entry => entry.Action == "case.attest.refused"
        );
        Assert.Equal(("Admin", "mia"), (kept.Actor, kept.OnBehalfOf));
    }

    [Theory]
    [InlineData("delegation", "91 days", "23514")]
    [InlineData("impersonation", "9 hours", "23514")]
    [InlineData("delegation", "0 days", "23514")]
    public async Task Nobody_acts_for_another_without_an_end(
        string kind,
        string validFor,
        string rule
    )
    {
        await using var office = await Office.OpenAsync();
        await office.Database.RunAsSuperuserAsync(
            """
            INSERT INTO psa.role_permissions SELECT organisation_id, id, 'user.impersonate'
            FROM psa.roles WHERE name = 'incident_manager'
            """
        );
        var (by, to) =
            kind == "delegation"
                ? (office.Manager, office.Analyst)
                : (office.Analyst, office.Manager);

        Assert.Equal(
            rule,
            await office.RuleByHandAsync(
                office.Manager.Token,
                DelegateSql,
                by.Id,
                to.Id,
                validFor,
                kind
            )
        );
        Assert.Equal(
            "credential.delegation",
            Rule(
                await new IssueCredential(office.Database.Sentinel, TimeProvider.System).RunAsync(
                    office.Administrator,
                    new CredentialHolder.ForDelegate(to.Id, by.Id),
                    TimeSpan.FromDays(1),
                    default
                )
            )
        );
    }

    [Fact]
    public async Task Acting_for_another_is_not_taken_nor_passed_on()
    {
        await using var office = await Office.OpenAsync();
        var deputy = await office.HireAsync("deb", RoleSeeds.Analyst);
        var token = await office.DeputiseAsync(office.Manager, deputy);

        Assert.Equal(
            "permission.missing",
            await office.RuleByHandAsync(
                office.Manager.Token,
                DelegateSql,
                office.Analyst.Id,
                office.Manager.Id,
                "1 hour",
                "impersonation"
            )
        );
        Assert.Equal(
            "actor.forged",
            await office.RuleByHandAsync(
                office.Analyst.Token,
                DelegateSql,
                office.Manager.Id,
                office.Analyst.Id,
                "1 hour",
                "delegation"
            )
        );
        Assert.Equal(
            "delegation.chain",
            await office.RuleByHandAsync(
                token,
                DelegateSql,
                deputy.Id,
                office.Analyst.Id,
                "1 hour",
                "delegation"
            )
        );
    }

    [Fact]
    public async Task A_role_that_was_taken_away_ends_with_every_token_and_can_come_back()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var end = new EndRole(office.Database.Sentinel, TimeProvider.System);
        var give = new GiveRole(office.Database.Sentinel);

        Office.Done(
            await end.RunAsync(office.Administrator, office.Analyst.Id, "analyst", default)
        );
        Assert.Equal(
            "permission.missing",
            Rule(await office.TakeCase.RunAsync(office.Analyst.Token, caseId, default))
        );
        Office.Done(
            await give.RunAsync(office.Administrator, office.Analyst.Id, "analyst", default)
        );
        Office.Done(await office.TakeCase.RunAsync(office.Analyst.Token, caseId, default));
        Assert.Equal(
            "permission.missing",
            Rule(await give.RunAsync(office.Analyst.Token, office.Analyst.Id, "auditor", default))
        );
    }

    [Fact]
    public async Task Nobody_holds_more_than_a_role_of_its_scope_or_a_machine_may()
    {
        await using var office = await Office.OpenAsync();
        await office.Database.RunAsSuperuserAsync(
            """
            INSERT INTO psa.roles SELECT gen_random_uuid(), id, 'clerk', 'task' FROM psa.organisations
            """
        );
        const string permit = """
            INSERT INTO psa.role_permissions
            SELECT organisation_id, id, $1 FROM psa.roles WHERE name = 'clerk'
            """;

        Assert.Equal(1, await office.ByHandAsync(office.Administrator, permit, "task.start"));
        Assert.Equal(
            "role.scope",
            await office.RuleByHandAsync(office.Administrator, permit, "case.close")
        );
        Assert.Equal(
            "machine.decides",
            await office.RuleByHandAsync(
                office.Administrator,
                """
                INSERT INTO psa.machine_permissions
                SELECT organisation_id, id, 'case.close' FROM psa.machines WHERE name = 'workflow'
                """
            )
        );
    }

    static HoldAccount Hold(Office office) => new(office.Database.Sentinel, TimeProvider.System);

    static async Task HoldAsync(Office office, Office.Person account, Office.Person person) =>
        Office.Done(
            await Hold(office)
                .RunAsync(office.Administrator, account.Id, person.Id, "night desk", default)
        );

    /// <summary>The rule by which service and database refuse, which has to be the same.</summary>
    static async Task<string> AttestRuleAsync(Office office, Secret token, Guid caseId)
    {
        var rule = Rule(await office.AttestCase.RunAsync(token, caseId, "Fine", default));
        Assert.Equal(rule, await office.RuleByHandAsync(token, AttestSql, caseId));
        return rule;
    }

    static string Rule<T>(Outcome<T> outcome) => Office.Refused(outcome).Rule;
}
