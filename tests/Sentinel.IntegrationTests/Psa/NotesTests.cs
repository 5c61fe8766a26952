using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Notes;
using Sentinel.Psa.Ownership;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>What people put on a case stays; what they take back leaves a tombstone.</summary>
public sealed class NotesTests
{
    [Fact]
    public async Task A_correction_is_a_new_comment_by_the_same_author_and_both_stay()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var by = office.Analyst.Token;
        var first = Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "It came from Ghent", null, default)
        );

        var others = await office.CommentCase.RunAsync(
            office.Manager.Token,
            caseId,
            "From Bruges",
            first.Id,
            default
        );
        Assert.Equal("comment.correct.author", Office.Refused(others).Rule);
        Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "From Bruges", first.Id, default)
        );
        var again = await office.CommentCase.RunAsync(by, caseId, "Or not", first.Id, default);
        Assert.Equal("comment.correct.twice", Office.Refused(again).Rule);

        var comments = (await office.StoryAsync(caseId)).Comments;
        Assert.Equal(["It came from Ghent", "From Bruges"], comments.Select(one => one.Body));
        Assert.Equal(first.Id, comments[1].Corrects);
        Assert.Equal(
            "42501",
            await office.RuleByHandAsync(
                by,
                "UPDATE psa.case_comments SET body = 'never said' WHERE id = $1",
                first.Id
            )
        );
    }

    [Fact]
    public async Task A_comment_corrects_one_of_its_own_case()
    {
        await using var office = await Office.OpenAsync();
        var (one, other) = (await office.CaseAsync(), await office.CaseByHandAsync());
        var there = Office.Done(
            await office.CommentCase.RunAsync(office.Analyst.Token, one, "There", null, default)
        );

        Assert.IsType<Outcome<CaseComment>.NotFound>(
            await office.CommentCase.RunAsync(
                office.Analyst.Token,
                other,
                "Here",
                there.Id,
                default
            )
        );
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a\0b", "NUL")]
    public async Task A_comment_that_no_text_can_hold_is_refused_with_a_sentence(
        string body,
        string why
    )
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();

        var refusal = Office.Refused(
            await office.CommentCase.RunAsync(office.Analyst.Token, caseId, body, null, default)
        );

        Assert.Contains(why, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_that_is_taken_back_leaves_a_tombstone_and_may_come_again()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var by = office.Analyst.Token;
        Office.Done(await office.TagCase.RunAsync(by, caseId, "ransomware", default));

        Assert.Equal(
            "case_tag.twice",
            Office.Refused(await office.TagCase.RunAsync(by, caseId, "ransomware", default)).Rule
        );
        Assert.Empty(
            Office.Done(
                await office.UntagCase.RunAsync(by, caseId, "ransomware", "it was not", default)
            )
        );
        Assert.Equal(
            ["ransomware"],
            Office.Done(await office.TagCase.RunAsync(by, caseId, "ransomware", default))
        );

        var story = await office.StoryAsync(caseId);
        Assert.Equal(2, story.Timeline.Count(entry => entry.Action == "case_tag.created"));
        var gone = Assert.Single(story.Timeline, entry => entry.Action == "tombstone.created");
        Assert.Contains("it was not", gone.Detail, StringComparison.Ordinal);
        var tagged = Office.Done(
            await office.ListCases.RunAsync(by, new CaseFilter(Tag: "ransomware"), null, default)
        );
        Assert.Equal(caseId, Assert.Single(tagged).Id);
    }

    [Fact]
    public async Task Watched_cases_are_on_the_list_of_whoever_watches_and_of_nobody_else()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        await office.CaseByHandAsync();
        var (ada, mia) = (office.Analyst, office.Manager);
        Office.Done(await office.WatchCase.RunAsync(ada.Token, caseId, mia.Id, default));

        var watched = new CaseFilter(Watched: true);
        Assert.Equal(
            caseId,
            Assert
                .Single(
                    Office.Done(await office.ListCases.RunAsync(mia.Token, watched, null, default))
                )
                .Id
        );
        Assert.Empty(
            Office.Done(await office.ListCases.RunAsync(ada.Token, watched, null, default))
        );
        Assert.Empty(
            Office.Done(await office.UnwatchCase.RunAsync(mia.Token, caseId, null, default))
        );
        Assert.Empty(
            Office.Done(await office.ListCases.RunAsync(mia.Token, watched, null, default))
        );
    }

    [Fact]
    public async Task What_was_proposed_stays_beside_what_a_person_decided()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ResolvedCaseAsync();
        Office.Done(
            await office.AttestCase.RunAsync(office.Manager.Token, caseId, "Read it", default)
        );

        var machine = await office.SetSeverity.RunAsync(office.Siem, caseId, 1, "calm", default);
        Assert.Equal("case.set_severity.person_only", Office.Refused(machine).Rule);
        var silent = await office.SetSeverity.RunAsync(
            office.Analyst.Token,
            caseId,
            3,
            " ",
            default
        );
        Assert.Equal("case.set_severity.reason", Office.Refused(silent).Rule);
        var decided = Office.Done(
            await office.SetSeverity.RunAsync(
                office.Analyst.Token,
                caseId,
                3,
                "A test machine",
                default
            )
        );

        Assert.Equal((3, 7), (decided.Severity, decided.ProposedSeverity));
        var refusal = Office.Refused(
            await office.CloseCase.RunAsync(office.Manager.Token, caseId, default)
        );
        Assert.Equal("case.close.attestation", refusal.Rule);
    }

    [Fact]
    public async Task A_handover_names_the_next_owner_and_what_they_have_to_know()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        Office.Done(await office.TakeCase.RunAsync(office.Analyst.Token, caseId, default));

        var handed = Office.Done(
            await office.AssignCase.RunAsync(
                office.Analyst.Token,
                caseId,
                new NextOwner(office.Manager.Id, "night_shift", "Call the port at six"),
                default
            )
        );
        Assert.Equal((office.Manager.Id, "night_shift"), (handed.OwnerId, handed.Queue));
        var note = Assert.Single((await office.StoryAsync(caseId)).Comments);
        Assert.Equal((CommentKind.Handover, "Call the port at six"), (note.Kind, note.Body));

        var back = Office.Done(
            await office.AssignCase.RunAsync(
                office.Manager.Token,
                caseId,
                new NextOwner(null, "day_shift", null),
                default
            )
        );
        Assert.Null(back.OwnerId);
        var nobody = await office.AssignCase.RunAsync(
            office.Manager.Token,
            caseId,
            new NextOwner(null, null, null),
            default
        );
        Assert.Equal("case.assign.nobody", Office.Refused(nobody).Rule);
    }

    [Fact]
    public async Task A_case_whose_owner_left_is_resolved_by_the_others()
    {
        await using var office = await Office.OpenAsync();
        var gone = await office.HireAsync("gus", "analyst");
        var caseId = await office.CaseByHandAsync();
        Office.Done(await office.TakeCase.RunAsync(gone.Token, caseId, default));
        Office.Done(
            await new Sentinel.Psa.Organisations.SetUserStatus(office.Database.Sentinel).RunAsync(
                office.Administrator,
                gone.Id,
                false,
                default
            )
        );

        Office.Done(await office.ResolveCase.RunAsync(office.Analyst.Token, caseId, default));
        Office.Done(await AssignAsync(office.Analyst.Id));
        var given = await AssignAsync(gone.Id);
        Assert.Equal("user.disabled", Office.Refused(given).Rule);

        Task<Outcome<Case>> AssignAsync(Guid userId) =>
            office.AssignCase.RunAsync(
                office.Analyst.Token,
                caseId,
                new NextOwner(userId, null, null),
                default
            );
    }

    [Fact]
    public async Task A_closed_case_takes_no_notes()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        var by = office.Analyst.Token;
        string[] rules =
        [
            Office
                .Refused(await office.CommentCase.RunAsync(by, caseId, "Late", null, default))
                .Rule,
            Office.Refused(await office.TagCase.RunAsync(by, caseId, "late", default)).Rule,
            Office.Refused(await office.WatchCase.RunAsync(by, caseId, null, default)).Rule,
            Office.Refused(await office.SetSeverity.RunAsync(by, caseId, 1, "late", default)).Rule,
        ];
        Assert.All(rules, rule => Assert.Equal("case.closed_is_final", rule));
    }
}
