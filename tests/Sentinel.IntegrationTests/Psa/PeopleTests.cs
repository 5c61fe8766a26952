using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Glass;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Tasks;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Who works here, with which roles, and whom a refusal sends one to.</summary>
public sealed class PeopleTests
{
    const string WidenSql = """
        INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
        SELECT organisation_id, id, 'case.close' FROM psa.roles WHERE name = $1
        """;

    static readonly TimeProvider clock = TimeProvider.System;

    [Fact]
    public async Task Nobody_widens_a_role_that_they_hold()
    {
        await using var office = await Office.OpenAsync();
        var by = office.Administrator;

        Assert.Equal(
            "role.own_grant",
            await office.RuleByHandAsync(by, WidenSql, RoleSeeds.Administrator)
        );
        Assert.Equal(1, await office.ByHandAsync(by, WidenSql, RoleSeeds.Auditor));
    }

    [Fact]
    public async Task A_role_holds_what_its_scope_is_about_and_permits_it()
    {
        await using var office = await Office.OpenAsync();
        var (by, create) = (office.Administrator, new CreateRole(office.Database.Sentinel, clock));
        Assert.Equal("role.scope", await RuleAsync("task", "task.read", "case.close"));
        Assert.Equal("role.scope", await RuleAsync("galaxy", "task.read"));
        Assert.Equal("role.permission", await RuleAsync("task", "task.raed"));
        Assert.Equal("role.empty", await RuleAsync("task"));
        Assert.Equal(
            "permission.missing",
            Office
                .Refused(
                    await create.RunAsync(
                        office.Manager.Token,
                        "helper",
                        "task",
                        ["task.read"],
                        default
                    )
                )
                .Rule
        );
        var role = Office.Done(
            await create.RunAsync(by, "helper", "task", ["task.read", "task.read"], default)
        );
        Assert.Equal(["task.read"], role.Permissions);
        Assert.Equal("role.known", await RuleAsync("task", "task.read"));

        var helper = await office.HireAsync("hal", "helper");
        Office.Done(await Tasks(office, helper.Token));
        Assert.Equal(
            "permission.missing",
            Office
                .Refused(
                    await office.TakeCase.RunAsync(helper.Token, await office.CaseAsync(), default)
                )
                .Rule
        );
        var listed = Office.Done(
            await new ListRoles(office.Database.Sentinel).RunAsync(by, default)
        );
        Assert.Contains(listed, one => one.Name == "helper" && one.Scope == "task");

        async Task<string> RuleAsync(string scope, params string[] permissions) =>
            Office.Refused(await create.RunAsync(by, "helper", scope, permissions, default)).Rule;
    }

    [Fact]
    public async Task A_refusal_names_who_could_do_it_instead()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        Assert.Equal(
            "somebody with one of the roles incident_manager: mia",
            Office
                .Refused(await office.CloseCase.RunAsync(office.Analyst.Token, caseId, default))
                .Instead
        );
        var max = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var approval = Office.Done(
            await office.AskApproval.RunAsync(office.Manager.Token, caseId, null, "May I?", default)
        );
        Assert.Equal(
            "somebody with approval.decide who did none of the work: max",
            await DecideAsync(office.Manager.Token)
        );
        Assert.Contains(
            (await office.StoryAsync(caseId)).ToClose,
            left =>
                left.Instead!.EndsWith("who did none of the work: max", StringComparison.Ordinal)
        );
        Office.Done(
            await new SetUserStatus(office.Database.Sentinel).RunAsync(
                office.Administrator,
                max.Id,
                active: false,
                default
            )
        );
        Assert.EndsWith(
            "; at the moment that is nobody",
            await DecideAsync(office.Manager.Token),
            StringComparison.Ordinal
        );
        // The programs of other modules are in other hands, and are not told who works here.
        Assert.EndsWith(
            "incident_manager, process_owner",
            Office.Refused(await Tasks(office, office.Siem)).Instead,
            StringComparison.Ordinal
        );

        async Task<string?> DecideAsync(Secret by) =>
            Office
                .Refused(
                    await office.DecideApproval.RunAsync(
                        by,
                        approval.Id,
                        ApprovalTrigger.Approve,
                        "fine",
                        default
                    )
                )
                .Instead;
    }

    [Fact]
    public async Task Whoever_may_not_read_is_refused_in_the_log()
    {
        await using var office = await Office.OpenAsync();
        var nobody = await office.HireAsync("nil");
        var database = office.Database.Sentinel;
        Office.Refused(await Tasks(office, nobody.Token));
        Office.Refused(await new ListUsers(database).RunAsync(nobody.Token, default));
        Office.Refused(await new ListAssets(database).RunAsync(nobody.Token, null, null, default));
        Office.Refused(await new ListGlass(database).RunAsync(nobody.Token, default));
        Office.Refused(await office.SearchCases.RunAsync(nobody.Token, "ssh", default));
        Office.Refused(
            await office.Tell.RunAsync(nobody.Token, Guid.CreateVersion7(), null, default)
        );

        Assert.Equal(
            "asset.read.refused,case.read.refused,case.search.refused,glass.read.refused,"
                + "task.read.refused,user.read.refused",
            await office.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT string_agg(action, ',' ORDER BY action) FROM psa.audit_log
                WHERE actor_id = '{nobody.Id}'
                """
            )
        );
    }

    [Fact]
    public async Task Tokens_are_listed_to_their_holder_and_to_who_issues_them()
    {
        await using var office = await Office.OpenAsync();
        var list = new ListCredentials(office.Database.Sentinel);
        var own = Assert.Single(
            Office.Done(await list.RunAsync(office.Analyst.Token, office.Analyst.Id, default))
        );
        Office.Refused(await list.RunAsync(office.Analyst.Token, office.Manager.Id, default));
        Office.Done(
            await new RevokeCredential(office.Database.Sentinel, clock).RunAsync(
                office.Administrator,
                own.Id,
                "lost",
                default
            )
        );
        var revoked = Assert.Single(
            Office.Done(await list.RunAsync(office.Administrator, office.Analyst.Id, default))
        );
        Assert.Equal((own.Id, true), (revoked.Id, revoked.RevokedAt is not null));
    }

    [Fact]
    public async Task Assets_are_found_by_what_they_are_called_and_come_a_page_at_a_time()
    {
        await using var office = await Office.OpenAsync();
        var register = new RegisterAsset(office.Database.Sentinel, clock);
        foreach (var name in (string[])["db-01", "web-01"])
            Office.Done(
                await register.RunAsync(
                    office.Administrator,
                    new NewAsset("server", name, "rmm:" + name, [name + ".Example.org"], 5),
                    default
                )
            );
        var all = await NamesAsync(null, null);
        Assert.Equal(["db-01", "web-01"], all.Select(asset => asset.Name));
        Assert.Equal("web-01", Assert.Single(await NamesAsync("WEB-01.exam", null)).Name);
        Assert.Equal("db-01", Assert.Single(await NamesAsync("rmm:db", null)).Name);
        Assert.Equal("web-01", Assert.Single(await NamesAsync(null, all[0].Id)).Name);
        Assert.Empty(await NamesAsync("100%", null));

        async Task<IReadOnlyList<RegisteredAsset>> NamesAsync(string? named, Guid? after) =>
            Office.Done(
                await new ListAssets(office.Database.Sentinel).RunAsync(
                    office.Analyst.Token,
                    named,
                    after,
                    default
                )
            );
    }

    static Task<Outcome<IReadOnlyList<CaseTask>>> Tasks(Office office, Secret by) =>
        new ListTasks(office.Database.Sentinel).RunAsync(by, new TaskFilter(), null, default);
}
