using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Ownership;
using Sentinel.Psa.Relations;
using Sentinel.Psa.Stories;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>A case's story comes from the audit log alone, now and as of any moment.</summary>
public sealed class AccountTests
{
    static readonly (string Kind, string Table)[] tables =
    [
        ("case", "SELECT * FROM psa.cases WHERE id = $1"),
        ("task", "SELECT * FROM psa.tasks WHERE case_id = $1"),
        ("task_action", "SELECT * FROM psa.task_actions WHERE case_id = $1"),
        ("approval", "SELECT * FROM psa.approvals WHERE case_id = $1"),
        ("comment", "SELECT * FROM psa.case_comments WHERE case_id = $1"),
        ("case_tag", "SELECT * FROM psa.case_tags WHERE case_id = $1"),
        ("severity", "SELECT * FROM psa.case_severities WHERE case_id = $1"),
        ("disposition", "SELECT * FROM psa.case_dispositions WHERE case_id = $1"),
        ("attestation", "SELECT * FROM psa.attestations WHERE case_id = $1"),
        ("evidence", "SELECT * FROM psa.evidence_items WHERE case_id = $1"),
        ("case_seal", "SELECT * FROM psa.case_seals WHERE case_id = $1"),
        ("tombstone", "SELECT * FROM psa.tombstones WHERE case_id = $1"),
    ];

    [Fact]
    public async Task The_log_tells_what_the_tables_hold_and_as_of_each_moment_what_was_told_then()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        List<CaseAccount> told = [await TellAsync(office, caseId)];
        foreach (var step in Steps(office, caseId))
        {
            await step();
            told.Add(await TellAsync(office, caseId));
        }

        foreach (var (kind, sql) in tables)
            Assert.Equal(await RowsAsync(office, sql, caseId), Things(told[^1], kind));
        foreach (var then in told)
        {
            var again = await TellAsync(office, caseId, then.AsOf);
            Assert.Equal(JsonSerializer.Serialize(then), JsonSerializer.Serialize(again));
        }
        var early = await office.Tell.RunAsync(
            office.Manager.Token,
            caseId,
            told[0].Rows[0].At.AddSeconds(-1),
            default
        );
        Assert.IsType<Outcome<CaseAccount>.NotFound>(early);
    }

    [Fact]
    public async Task The_six_questions_have_an_answer_that_names_who_and_what()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        Office.Refused(
            await office.CommentCase.RunAsync(office.Analyst.Token, caseId, "Late", null, default)
        );

        var text = AccountText.Write(await TellAsync(office, caseId), withRows: true);

        foreach (
            var line in new[]
            {
                "INC-1  severity 7  closed  as of ",
                "What happened?\n  11 failed logins from 192.0.2.9, then root was let in\n",
                " from siem, opened by siem\n",
                " taken, after ",
                " ada, queue soc_tier_2\n",
                "[done] Confirm the login of root, (absent) (investigation, ada): confirmed\n",
                " ada: called, Called root\n",
                " ada: true positive, It was him\n",
                " attested by mia as incident_manager: Read it all\n",
                " closed by mia\n",
                "check: sentinel verify case INC-1\n",
                " ada was refused to case comment: a closed case never changes again",
                "the machine siem opened INC-1, severity 7: ",
            }
        )
            Assert.Contains(line, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_case_shows_what_follows_on_it_and_both_sides_of_a_merger_tell_of_it()
    {
        await using var office = await Office.OpenAsync();
        var closed = await office.ClosedCaseAsync();
        var later = await office.CaseByHandAsync();
        Office.Done(
            await office.LinkCases.RunAsync(
                office.Analyst.Token,
                closed,
                later,
                Relationship.FollowOn,
                null,
                default
            )
        );
        var same = await office.CaseByHandAsync();
        Office.Done(
            await office.LinkCases.RunAsync(
                office.Analyst.Token,
                later,
                same,
                Relationship.Merged,
                "one matter",
                default
            )
        );

        var told = await TellAsync(office, closed);
        Assert.Contains(told.Rows, row => row.Said == "opened INC-2 to follow on INC-1");
        Assert.Contains("INC-2 follows on it", told.Answers[0].Lines);
        foreach (var caseId in new[] { later, same })
            Assert.Contains(
                (await TellAsync(office, caseId)).Rows,
                row => row.Said == "merged INC-3 into INC-2: one matter"
            );
    }

    [Fact]
    public async Task What_people_wrote_stays_text_on_the_page_and_in_the_terminal()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseByHandAsync("<script>alert(1)</script>\e[31m\nred");
        Office.Done(
            await office.CommentCase.RunAsync(
                office.Analyst.Token,
                caseId,
                "</td><img src=x onerror=alert(1)>",
                null,
                default
            )
        );
        var account = await TellAsync(office, caseId);

        var page = AccountHtml.Write(account);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', AccountText.Write(account, withRows: true));
    }

    [Fact]
    public async Task Another_organisation_is_told_nothing()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var other = await Office.FoundAsync(office.Database, "Quarry");

        Assert.IsType<Outcome<CaseAccount>.NotFound>(
            await other.Tell.RunAsync(other.Manager.Token, caseId, null, default)
        );
    }

    static IEnumerable<Func<Task>> Steps(Office office, Guid caseId)
    {
        var (ada, mia) = (office.Analyst.Token, office.Manager.Token);
        yield return async () =>
            Office.Done(
                await office.CommentCase.RunAsync(ada, caseId, "Odd \"quotes\" é", null, default)
            );
        yield return async () =>
            Office.Done(await office.TagCase.RunAsync(ada, caseId, "ssh", default));
        yield return async () =>
            Office.Done(
                await office.AssignCase.RunAsync(
                    ada,
                    caseId,
                    new NextOwner(office.Manager.Id, "night", "Mind the gap"),
                    default
                )
            );
        yield return async () =>
            Office.Refused(await office.CloseCase.RunAsync(mia, caseId, default));
        yield return async () =>
            Office.Done(
                await office.SetSeverity.RunAsync(ada, caseId, 9, "It is the core", default)
            );
        yield return async () =>
            Office.Done(
                await office.UntagCase.RunAsync(ada, caseId, "ssh", "it was telnet", default)
            );
        yield return () => office.WorkAsync(caseId, office.Analyst);
        yield return async () =>
            Office.Done(await office.AttestCase.RunAsync(mia, caseId, "Read it all", default));
        yield return async () => Office.Done(await office.CloseCase.RunAsync(mia, caseId, default));
    }

    static async Task<CaseAccount> TellAsync(
        Office office,
        Guid caseId,
        DateTimeOffset? asOf = null
    ) => Office.Done(await office.Tell.RunAsync(office.Manager.Token, caseId, asOf, default));

    static string[] Things(CaseAccount account, string kind) =>
        [
            .. account
                .Things.Where(thing => thing.Kind == kind)
                .Select(thing => Canonical(JsonSerializer.Serialize(thing.Fields)))
                .Order(StringComparer.Ordinal),
        ];

    static async Task<string[]> RowsAsync(Office office, string sql, Guid caseId)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            office.Database.Sentinel.Psa,
            office.Manager.Token,
            default
        );
        await using var command = work.Command(
            "SELECT jsonb_strip_nulls(to_jsonb(t) - 'id' - 'organisation_id')::text FROM ("
                + sql
                + ") AS t"
        );
        command.Parameters.AddWithValue(caseId);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
            rows.Add(Canonical(reader.GetString(0)));
        return [.. rows.Order(StringComparer.Ordinal)];
    }

    static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Text(document.RootElement);
    }
}
