using Sentinel.Postgres.Access;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Psa;

public sealed class SearchTests
{
    [Fact]
    public async Task A_case_is_found_by_what_was_written_in_it()
    {
        await using var office = await Office.OpenAsync();
        var by = office.Analyst.Token;
        var caseId = await office.CaseAsync();
        await office.CaseByHandAsync("The coffee is cold");
        var said = Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "Seen in Gent, oddly", null, default)
        );
        Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "Seen in Bruges, oddly", said.Id, default)
        );
        Office.Done(await office.TagCase.RunAsync(by, caseId, "ransomware", default));

        Assert.Equal([caseId], await FoundAsync(office, by, "failed root"));
        Assert.Equal([caseId], await FoundAsync(office, by, "\"Confirm the login\""));
        Assert.Equal([caseId], await FoundAsync(office, by, "bruges -coffee"));
        Assert.Equal([caseId], await FoundAsync(office, by, "Ransomware"));
        Assert.Equal([caseId], await FoundAsync(office, by, "evidence package"));
        Assert.Empty(await FoundAsync(office, by, "gent"));
        Assert.Equal(2, (await FoundAsync(office, by, "coffee or root")).Count);
        Assert.Empty(await FoundAsync(office, by, "'; DROP TABLE psa.cases; -- ) & | ! <->"));
    }

    [Fact]
    public async Task Nobody_finds_what_they_may_not_read_or_what_is_another_organisations()
    {
        await using var office = await Office.OpenAsync();
        await office.CaseAsync();
        var other = await Office.FoundAsync(office.Database, "Quarry");
        Assert.Empty(await FoundAsync(other, other.Analyst.Token, "failed root"));

        // A detection engineer reads cases, and neither tasks nor evidence.
        var engineer = await office.HireAsync("eve", RoleSeeds.DetectionEngineer);
        Assert.Single(await FoundAsync(office, engineer.Token, "failed root"));
        Assert.Empty(await FoundAsync(office, engineer.Token, "\"Confirm the login\""));
        Assert.Empty(await FoundAsync(office, engineer.Token, "\"evidence package\""));
    }

    [Fact]
    public async Task Cases_of_every_type_are_opened_by_hand_by_people_alone()
    {
        await using var office = await Office.OpenAsync();
        foreach (
            var (type, number) in new[]
            {
                ("problem", "PRB-1"),
                ("change", "CHG-2"),
                ("audit", "AUD-3"),
            }
        )
            Assert.Equal(number, Office.Done(await OpenAsync(office.Analyst.Token, type)).Number);
        Assert.Equal(
            "case.type",
            Office.Refused(await OpenAsync(office.Analyst.Token, "party")).Rule
        );
        Assert.Equal(
            "case.open.person_only",
            Office.Refused(await OpenAsync(office.Siem, "incident")).Rule
        );

        Task<Outcome<Sentinel.Psa.Cases.Case>> OpenAsync(Secret by, string type) =>
            office.OpenCaseByHand.RunAsync(
                by,
                new CaseByHand(type, 2, "By hand", [], "desk", new([], []), null),
                default
            );
    }

    [Fact]
    public async Task An_asset_is_referred_to_and_never_doubled_and_a_retired_one_takes_no_new_work()
    {
        await using var office = await Office.OpenAsync();
        var register = new RegisterAsset(office.Database.Sentinel, TimeProvider.System);
        var wanted = new NewAsset("server", "db-01", "rmm:17", ["db-01"], 9);
        var asset = Office.Done(await register.RunAsync(office.Administrator, wanted, default));
        var again = Office.Refused(await register.RunAsync(office.Administrator, wanted, default));
        Assert.Equal("asset.known", again.Rule);
        Assert.Contains(asset.ToString(), again.Reason, StringComparison.Ordinal);

        var caseId = await office.CaseByHandAsync("Slow", asset);
        var by = office.Analyst.Token;
        var link = new LinkAsset(office.Database.Sentinel);
        Assert.Equal(
            "case_asset.twice",
            Office.Refused(await link.RunAsync(by, caseId, asset, default)).Rule
        );
        Assert.Empty(
            Office.Done(
                await new UnlinkAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                    by,
                    caseId,
                    asset,
                    "another machine",
                    default
                )
            )
        );
        Assert.Single(Office.Done(await link.RunAsync(by, caseId, asset, default)));
        Office.Done(
            await new RetireAsset(office.Database.Sentinel).RunAsync(
                office.Administrator,
                asset,
                default
            )
        );
        var other = await office.CaseByHandAsync("Slower");
        Assert.Equal(
            "asset.retired",
            Office.Refused(await link.RunAsync(by, other, asset, default)).Rule
        );
        Assert.Equal("retired", Assert.Single((await office.StoryAsync(caseId)).Assets).Status);
    }

    static async Task<IReadOnlyList<Guid>> FoundAsync(Office office, Secret by, string words) =>
        [
            .. Office
                .Done(await office.SearchCases.RunAsync(by, words, default))
                .Select(found => found.Case.Id),
        ];
}
