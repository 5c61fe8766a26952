using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Relations;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Links between cases lose nothing, close no circle, and open no way round four eyes.</summary>
public sealed class RelationsTests
{
    const string LinkSql = """
        INSERT INTO psa.case_relationships (organisation_id, parent_case_id, child_case_id,
            relationship_type, reason, created_by, created_at)
        VALUES (access.organisation_id(), $1, $2, $3, 'typed by hand', access.actor_id(), now())
        """;

    [Fact]
    public async Task A_merger_moves_nothing_and_can_be_taken_back()
    {
        await using var office = await Office.OpenAsync();
        var (kept, same) = (await office.ResolvedCaseAsync(), await office.CaseAsync());
        var before = await ContentsAsync(office);

        await MergeAsync(office, kept, same);
        Assert.Equal(before, await ContentsAsync(office));
        Assert.Equal(
            "merged_from",
            Assert.Single((await office.StoryAsync(kept)).Related).Relation
        );
        Assert.Equal(
            "merged_into",
            Assert.Single((await office.StoryAsync(same)).Related).Relation
        );

        Office.Done(await UnmergeAsync(office, office.Manager, kept, same));
        Assert.Equal(before, await ContentsAsync(office));
        Assert.Empty((await office.StoryAsync(kept)).Related);
        await MergeAsync(office, same, kept);
    }

    [Fact]
    public async Task A_merger_needs_a_person_and_a_reason()
    {
        await using var office = await Office.OpenAsync();
        var (kept, same) = (await office.CaseAsync(), await office.CaseByHandAsync());

        var machine = await office.LinkCases.RunAsync(
            office.Siem,
            kept,
            same,
            Relationship.Merged,
            "alike",
            default
        );
        Assert.Equal("case.merge.person_only", Office.Refused(machine).Rule);
        var silent = await office.LinkCases.RunAsync(
            office.Analyst.Token,
            kept,
            same,
            Relationship.Merged,
            null,
            default
        );
        Assert.Equal("case.merge.reason", Office.Refused(silent).Rule);
    }

    [Fact]
    public async Task Work_in_one_case_counts_in_every_case_that_is_merged_with_it()
    {
        await using var office = await Office.OpenAsync();
        var max = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var (first, second, third) = (
            await office.ResolvedCaseAsync(max),
            await office.ResolvedCaseAsync(),
            await office.ResolvedCaseAsync()
        );
        await MergeAsync(office, first, second);
        await MergeAsync(office, third, second);

        foreach (var caseId in new[] { second, third })
        {
            var refusal = Office.Refused(
                await office.AttestCase.RunAsync(max.Token, caseId, "Fine", default)
            );
            Assert.Equal("case.attest.own_work", refusal.Rule);
        }
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, third, "Read it", default)
        );
        Assert.Equal(
            "case.close.own_work",
            Office.Refused(await office.CloseCase.RunAsync(max.Token, third, default)).Rule
        );
        Office.Done(await office.CloseCase.RunAsync(office.Manager.Token, third, default));
    }

    [Fact]
    public async Task Nobody_frees_themselves_by_taking_a_merger_back()
    {
        await using var office = await Office.OpenAsync();
        var max = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var (first, second) = (
            await office.ResolvedCaseAsync(max),
            await office.ResolvedCaseAsync()
        );
        await MergeAsync(office, first, second);

        var refusal = Office.Refused(await UnmergeAsync(office, max, first, second));
        Assert.Equal("case.unmerge.own_work", refusal.Rule);
        Office.Done(await UnmergeAsync(office, office.Manager, first, second));
        Office.Done(await office.AttestCase.RunAsync(max.Token, second, "Another matter", default));
    }

    [Fact]
    public async Task A_merger_or_work_after_it_that_would_leave_nobody_to_attest_is_refused()
    {
        await using var office = await Office.OpenAsync();
        var max = await office.HireAsync("max", RoleSeeds.IncidentManager);
        var (first, second) = (await office.ResolvedCaseAsync(max), await office.CaseAsync());
        var task = (await office.StoryAsync(second)).Tasks[0];

        await MergeAsync(office, first, second);
        Assert.Equal(
            "work.leaves_no_attestor",
            Office
                .Refused(await office.StartTask.RunAsync(office.Manager.Token, task.Id, default))
                .Rule
        );
        Office.Done(await UnmergeAsync(office, office.Manager, first, second));
        Office.Done(await office.StartTask.RunAsync(office.Manager.Token, task.Id, default));
        var again = await office.LinkCases.RunAsync(
            office.Analyst.Token,
            first,
            second,
            Relationship.Merged,
            "the same after all",
            default
        );
        Assert.Equal("work.leaves_no_attestor", Office.Refused(again).Rule);
    }

    [Theory]
    [InlineData("parent")]
    [InlineData("follow_on")]
    [InlineData("merged")]
    public async Task Links_never_close_a_circle_whoever_writes_them(string kind)
    {
        await using var office = await Office.OpenAsync();
        var cases = new List<Guid>();
        for (var i = 0; i < 4; i++)
            cases.Add(await office.CaseByHandAsync());
        var by = office.Analyst.Token;
        for (var i = 0; i < 3; i++)
            await office.ByHandAsync(by, LinkSql, cases[i], cases[i + 1], kind);

        Assert.Equal(
            "case_relationship.cycle",
            await office.RuleByHandAsync(by, LinkSql, cases[3], cases[0], kind)
        );
        Assert.Equal(
            "case_relationship.twice",
            await office.RuleByHandAsync(by, LinkSql, cases[0], cases[1], kind)
        );
    }

    [Fact]
    public async Task Links_made_at_once_close_no_circle_and_wait_in_no_ring()
    {
        await using var office = await Office.OpenAsync();
        var cases = new List<Guid>();
        for (var i = 0; i < 6; i++)
            cases.Add(await office.CaseByHandAsync());

        var made = await Task.WhenAll(
            from a in Enumerable.Range(0, 6)
            from step in new[] { 1, 2 }
            select office.LinkCases.RunAsync(
                office.Analyst.Token,
                cases[a],
                cases[(a + step) % 6],
                Relationship.Parent,
                null,
                default
            )
        );

        Assert.Contains(made, outcome => outcome is Outcome<CaseLink>.Declined);
        Assert.False(
            await office.Database.AskAsSuperuserAsync<bool>(
                """
                WITH RECURSIVE below AS (
                    SELECT parent_case_id AS top, child_case_id AS id FROM psa.case_relationships
                    UNION SELECT top, child_case_id FROM below
                    JOIN psa.case_relationships r ON r.parent_case_id = below.id)
                SELECT EXISTS (SELECT FROM below WHERE top = id)
                """
            )
        );
    }

    [Fact]
    public async Task A_sealed_case_is_followed_and_referred_to_and_nothing_is_hung_on_it()
    {
        await using var office = await Office.OpenAsync();
        var closed = await office.ClosedCaseAsync();
        var later = await office.CaseByHandAsync();

        foreach (var kind in new[] { Relationship.Parent, Relationship.Merged })
            Assert.Equal(
                "case.closed_is_final",
                Office
                    .Refused(
                        await office.LinkCases.RunAsync(
                            office.Analyst.Token,
                            closed,
                            later,
                            kind,
                            "the same",
                            default
                        )
                    )
                    .Rule
            );
        foreach (var kind in new[] { Relationship.FollowOn, Relationship.Related })
            Office.Done(
                await office.LinkCases.RunAsync(
                    office.Analyst.Token,
                    closed,
                    later,
                    kind,
                    null,
                    default
                )
            );
        var story = await office.StoryAsync(closed);
        Assert.Equal(["followed_by", "related"], story.Related.Select(one => one.Relation));
        Assert.Empty(
            Office
                .Done(await office.VerifyCase.RunAsync(office.Manager.Token, closed, default))
                .Problems
        );
    }

    [Fact]
    public async Task Evidence_is_used_again_without_a_copy_and_counts_where_it_is_linked()
    {
        await using var office = await Office.OpenAsync();
        var (from, to) = (await office.CaseAsync(), await office.CaseByHandAsync());
        var item = (await office.StoryAsync(from)).Evidence[0];
        var by = office.Analyst.Token;

        Office.Done(
            await office.LinkEvidence.RunAsync(by, item.Id, LinkedEntity.Case, to, default)
        );

        Assert.Equal(item, Assert.Single((await office.StoryAsync(to)).Evidence));
        Assert.Equal(
            "evidence.link.twice",
            Office
                .Refused(
                    await office.LinkEvidence.RunAsync(by, item.Id, LinkedEntity.Case, to, default)
                )
                .Rule
        );
        Assert.Equal(
            "evidence.link.unknown",
            await office.RuleByHandAsync(
                by,
                """
                INSERT INTO psa.evidence_links (evidence_id, organisation_id, linked_entity, linked_id,
                    case_id, linked_by, linked_at)
                SELECT $1, organisation_id, 'task', id, $2, access.actor_id(), now()
                FROM psa.tasks WHERE case_id = $3
                """,
                item.Id,
                to,
                from
            )
        );
    }

    static async Task MergeAsync(Office office, Guid kept, Guid same) =>
        Office.Done(
            await office.LinkCases.RunAsync(
                office.Analyst.Token,
                kept,
                same,
                Relationship.Merged,
                "the same attack",
                default
            )
        );

    static Task<Outcome<CaseLink>> UnmergeAsync(
        Office office,
        Office.Person by,
        Guid one,
        Guid other
    ) =>
        office.UnlinkCases.RunAsync(
            by.Token,
            other,
            one,
            Relationship.Merged,
            "two attacks",
            default
        );

    // Which rows belong to which case: what a merger must not touch.
    static Task<string> ContentsAsync(Office office) =>
        office.Database.AskAsSuperuserAsync<string>(
            """
            SELECT string_agg(line, E'\n' ORDER BY line) FROM (
                SELECT concat_ws(' ', 'case', id, status, owner_id, severity) AS line FROM psa.cases
                UNION ALL SELECT concat_ws(' ', 'task', id, case_id, status, assigned_to) FROM psa.tasks
                UNION ALL SELECT concat_ws(' ', 'action', id, case_id) FROM psa.task_actions
                UNION ALL SELECT concat_ws(' ', 'evidence', id, case_id, hash) FROM psa.evidence_items
                UNION ALL SELECT concat_ws(' ', 'asset', case_id, asset_id) FROM psa.case_assets
                UNION ALL SELECT concat_ws(' ', 'disposition', id, case_id) FROM psa.case_dispositions
                UNION ALL SELECT concat_ws(' ', 'work', case_id, identity, kind) FROM psa.case_work
            ) AS contents
            """
        );
}
