using Sentinel.Postgres.Access;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Glass;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Breaking the glass lends hands for a while, never judgement, and somebody else looks at it.</summary>
public sealed class GlassTests
{
    const string BreakSql = """
        INSERT INTO psa.glass_breaks
            (id, organisation_id, broken_by, permission, reason, minutes, broken_at)
        VALUES (gen_random_uuid(), access.organisation_id(), access.actor_id(), $1, 'night', 60, now())
        """;
    const string ReviewSql = """
        UPDATE psa.glass_breaks SET reviewed_by = access.actor_id(), reviewed_at = now(),
            verdict = 'justified', review = 'fine'
        WHERE id = $1
        """;

    [Fact]
    public async Task It_lends_its_permission_until_it_is_mended()
    {
        await using var office = await Office.OpenAsync();
        Assert.Equal("permission.missing", await RegisterAsync(office));

        var broken = await BreakAsync(office, office.Analyst.Token);
        Assert.Null(await RegisterAsync(office));
        Office.Done(await Mend(office).RunAsync(office.Analyst.Token, broken.Id, default));

        Assert.Equal("permission.missing", await RegisterAsync(office));
    }

    [Fact]
    public async Task It_runs_out_by_itself()
    {
        await using var office = await Office.OpenAsync();
        await BreakAsync(office, office.Analyst.Token);
        await office.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE psa.glass_breaks DISABLE TRIGGER USER;
            UPDATE psa.glass_breaks SET broken_at = now() - interval '61 minutes'
            """
        );

        Assert.Equal("permission.missing", await RegisterAsync(office));
    }

    [Theory]
    [InlineData("case.close")]
    [InlineData("case.attest")]
    [InlineData("approval.decide")]
    [InlineData("user.manage")]
    [InlineData("glass.review")]
    public async Task It_never_lends_a_decision(string permission)
    {
        await using var office = await Office.OpenAsync();

        Assert.Equal(
            "glass.break.decision",
            Rule(
                await Break(office).RunAsync(office.Analyst.Token, permission, 60, "night", default)
            )
        );
        Assert.Equal(
            "glass.break.decision",
            await office.RuleByHandAsync(office.Analyst.Token, BreakSql, permission)
        );
    }

    [Fact]
    public async Task It_takes_a_reason_a_person_and_somebody_who_can_review_it()
    {
        await using var office = await Office.OpenAsync();
        Assert.Equal(
            "glass.break.reason",
            Rule(
                await Break(office).RunAsync(office.Analyst.Token, "asset.manage", 60, " ", default)
            )
        );
        Assert.Equal(
            "glass.break.person_only",
            await office.RuleByHandAsync(office.Workflow, BreakSql, "asset.manage")
        );
        var deputy = await office.DeputiseAsync(office.Manager, office.Analyst);
        Assert.Equal(
            "glass.break.deputy",
            await office.RuleByHandAsync(deputy, BreakSql, "asset.manage")
        );
        await office.Database.RunAsSuperuserAsync(
            """
            UPDATE psa.user_roles SET ended_at = now()
            WHERE user_id IN (SELECT id FROM psa.users WHERE display_name IN ('Admin', 'mia'))
            """
        );
        Assert.Equal(
            "glass.break.no_reviewer",
            await office.RuleByHandAsync(office.Analyst.Token, BreakSql, "asset.manage")
        );
    }

    [Fact]
    public async Task It_is_reviewed_afterwards_once_and_by_somebody_else()
    {
        await using var office = await Office.OpenAsync();
        var broken = await BreakAsync(office, office.Manager.Token);
        Assert.Equal(
            "glass.review.early",
            await ReviewRuleAsync(office, office.Administrator, broken.Id)
        );
        Assert.Equal(
            "actor.forged",
            Rule(await Mend(office).RunAsync(office.Administrator, broken.Id, default))
        );
        Office.Done(await Mend(office).RunAsync(office.Manager.Token, broken.Id, default));
        Assert.Equal(
            "glass.mend",
            Rule(await Mend(office).RunAsync(office.Manager.Token, broken.Id, default))
        );
        Assert.Equal(
            "glass.review.own",
            await ReviewRuleAsync(office, office.Manager.Token, broken.Id)
        );
        Assert.Equal(
            "glass.break.unreviewed",
            await office.RuleByHandAsync(office.Manager.Token, BreakSql, "asset.manage")
        );

        var reviewed = Office.Done(
            await Review(office)
                .RunAsync(office.Administrator, broken.Id, false, "A call would do", default)
        );

        Assert.Equal("unjustified", reviewed.Verdict);
        Assert.Equal(
            "glass.review.final",
            await ReviewRuleAsync(office, office.Administrator, broken.Id)
        );
        await BreakAsync(office, office.Manager.Token);
    }

    [Fact]
    public async Task A_case_in_which_somebody_acted_under_broken_glass_waits_for_the_review()
    {
        await using var office = await Office.OpenAsync();
        var broken = await BreakAsync(office, office.Analyst.Token);
        var caseId = await office.ResolvedCaseAsync();
        Office.Done(await Mend(office).RunAsync(office.Analyst.Token, broken.Id, default));
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, caseId, "Read it", default)
        );

        var refusal = Office.Refused(
            await office.CloseCase.RunAsync(office.Manager.Token, caseId, default)
        );

        Assert.Equal("case.close.glass", refusal.Rule);
        Assert.StartsWith("ada ", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(
            "case.close.glass",
            await office.RuleByHandAsync(
                office.Manager.Token,
                """
                UPDATE psa.cases SET status = 'closed', closed_at = now(), closed_by = access.actor_id()
                WHERE id = $1
                """,
                caseId
            )
        );
        Office.Done(
            await Review(office).RunAsync(office.Administrator, broken.Id, true, "Right", default)
        );
        Office.Done(await office.CloseCase.RunAsync(office.Manager.Token, caseId, default));
    }

    static BreakGlass Break(Office office) => new(office.Database.Sentinel, TimeProvider.System);

    static MendGlass Mend(Office office) => new(office.Database.Sentinel, TimeProvider.System);

    static ReviewGlass Review(Office office) => new(office.Database.Sentinel, TimeProvider.System);

    static async Task<GlassBreak> BreakAsync(Office office, Secret by) =>
        Office.Done(
            await Break(office).RunAsync(by, "asset.manage", 60, "nobody is here", default)
        );

    static async Task<string> ReviewRuleAsync(Office office, Secret by, Guid id)
    {
        var rule = Rule(await Review(office).RunAsync(by, id, true, "fine", default));
        Assert.Equal(rule, await office.RuleByHandAsync(by, ReviewSql, id));
        return rule;
    }

    /// <summary>The rule that keeps the analyst from registering an asset, or null where none does.</summary>
    static async Task<string?> RegisterAsync(Office office)
    {
        var outcome = await new RegisterAsset(
            office.Database.Sentinel,
            TimeProvider.System
        ).RunAsync(
            office.Analyst.Token,
            new NewAsset("server", "db-" + Guid.CreateVersion7(), null, [], 5),
            default
        );
        return outcome.Match<string?>(_ => null, missing => missing, refusal => refusal.Rule);
    }

    static string Rule<T>(Outcome<T> outcome) => Office.Refused(outcome).Rule;
}
