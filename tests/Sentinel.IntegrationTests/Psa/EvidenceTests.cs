using System.Text;
using Npgsql;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Evidence;
using Sentinel.Siem.ReferenceData;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>Evidence is immutable once stored, and every touch of it is kept.</summary>
public class EvidenceTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_is_what_was_hashed_and_custody_keeps_every_touch()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var item = await AttachAsync(office, caseId, "a log");
        var path = Path.Combine(office.Database.Data.Path, item.StoredUri);

        var read = Office.Done(
            await office.ReadEvidence.RunAsync(office.Analyst.Token, item.Id, Cancellation)
        );
        await using (var content = read.Content)
        {
            // Somebody changes the object while it is being read.
            await File.WriteAllTextAsync(path, "a lie", Cancellation);
            using var text = new StreamReader(content);
            Assert.Equal("a log", await text.ReadToEndAsync(Cancellation));
        }
        var refusal = Office.Refused(
            await office.ReadEvidence.RunAsync(office.Analyst.Token, item.Id, Cancellation)
        );

        Assert.Equal("evidence.changed", refusal.Rule);
        Assert.Equal("stored,read,found_changed", await CustodyAsync(office, item.Id));
        Assert.Equal(
            3,
            await office.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM psa.audit_log WHERE entity_type = 'custody' AND entity_id = '{item.Id}'"
            )
        );
        Assert.Empty(Directory.GetFiles(office.Database.Data.Evidence, ".*"));
    }

    [Fact]
    public async Task To_verify_a_case_is_to_touch_its_evidence()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();

        Office.Done(await office.VerifyCase.RunAsync(office.Manager.Token, caseId, Cancellation));

        Assert.Equal(
            "verified",
            await office.Database.AskAsSuperuserAsync<string>(
                $"SELECT act FROM psa.evidence_custody WHERE case_id = '{caseId}' ORDER BY acted_at DESC LIMIT 1"
            )
        );
    }

    [Fact]
    public async Task A_redaction_is_an_item_of_its_own_and_the_original_stays()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var original = await AttachAsync(office, caseId, "root logged in from 192.0.2.9");
        var redact = new RedactEvidence(
            office.Database.Sentinel,
            office.Objects,
            TimeProvider.System
        );
        var item = Office.Done(
            await redact.RunAsync(
                office.Manager.Token,
                original.Id,
                "The address is personal",
                Bytes("root logged in from [address]"),
                Cancellation
            )
        );
        var same = Office.Refused(
            await redact.RunAsync(
                office.Manager.Token,
                original.Id,
                "Nothing",
                Bytes("root logged in from 192.0.2.9"),
                Cancellation
            )
        );
        var forbidden = Office.Refused(
            await redact.RunAsync(
                office.Analyst.Token,
                original.Id,
                "The address is personal",
                Bytes("[nothing]"),
                Cancellation
            )
        );

        Assert.Equal((original.Id, "The address is personal"), (item.DerivedFrom, item.Derivation));
        Assert.Equal("evidence.redact.same", same.Rule);
        Assert.Equal("permission.missing", forbidden.Rule);
        var story = await office.StoryAsync(caseId);
        // A database keeps microseconds.
        Assert.Contains(
            story.Evidence,
            one => one with { CreatedAt = original.CreatedAt } == original
        );
        Assert.Contains(story.Evidence, one => one.Id == item.Id);
    }

    [Theory]
    [InlineData("evidence_objects", "hash = hash")]
    [InlineData("evidence_items", "title = 'another'")]
    [InlineData("evidence_links", "linked_at = now()")]
    [InlineData("evidence_custody", "act = 'read'")]
    [InlineData("legal_holds", "reason = 'another'")]
    public async Task Nobody_edits_or_deletes(string table, string change)
    {
        await using var office = await Office.OpenAsync();
        await AttachAsync(office, await office.CaseAsync(), "a log");
        foreach (
            var sql in (string[])
                [
                    $"UPDATE psa.{table} SET {change}",
                    $"DELETE FROM psa.{table}",
                    $"TRUNCATE psa.{table} CASCADE",
                ]
        )
        {
            // The application's role has no such right; whoever has every right meets the trigger.
            var refused = await Assert.ThrowsAsync<PostgresException>(() =>
                office.ByHandAsync(office.Manager.Token, sql)
            );
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
            if (
                !sql.StartsWith("TRUNCATE", StringComparison.Ordinal)
                && await EmptyAsync(office, table)
            )
                continue;
            var past = await Assert.ThrowsAsync<PostgresException>(() =>
                office.Database.RunAsSuperuserAsync(
                    sql.Replace("hash = hash", "size_bytes = 1", StringComparison.Ordinal)
                )
            );
            Assert.Contains(
                past.SqlState,
                (string[])[PostgresErrorCodes.InsufficientPrivilege, "SNR01"]
            );
        }
    }

    [Fact]
    public async Task A_hold_is_lifted_by_another_person_and_detection_hears_of_both()
    {
        await using var office = await Office.OpenAsync();
        var place = new PlaceHold(office.Database.Sentinel, TimeProvider.System);
        var lift = new LiftHold(office.Database.Sentinel, TimeProvider.System);
        var other = await office.HireAsync("max", "incident_manager");
        var hold = Office.Done(
            await place.RunAsync(
                office.Manager.Token,
                DateTimeOffset.UnixEpoch,
                null,
                "Court order 7",
                Cancellation
            )
        );
        var first = await HeldAsync(office);

        var own = Office.Refused(
            await lift.RunAsync(office.Manager.Token, hold.Id, "Over", Cancellation)
        );
        var machine = Office.Refused(
            await place.RunAsync(
                office.Workflow,
                DateTimeOffset.UnixEpoch,
                null,
                "No",
                Cancellation
            )
        );
        Office.Done(await lift.RunAsync(other.Token, hold.Id, "Over", Cancellation));
        var twice = Office.Refused(
            await lift.RunAsync(other.Token, hold.Id, "Again", Cancellation)
        );

        Assert.Equal("hold.lift.own", own.Rule);
        Assert.Equal("hold.person_only", machine.Rule);
        Assert.Equal("hold.lift.twice", twice.Rule);
        Assert.Equal((true, false), (first, await HeldAsync(office)));
        var listed = Office.Done(
            await new ListHolds(office.Database.Sentinel).RunAsync(other.Token, Cancellation)
        );
        Assert.Equal("Over", Assert.Single(listed).LiftReason);
    }

    static async Task<bool> HeldAsync(Office office)
    {
        var detection = new ApplyReferenceData(
            office.Database.Sentinel,
            office.Machines,
            TimeProvider.System
        );
        var deliver = new DeliverReferenceData(
            office.Database.Sentinel,
            detection,
            TimeProvider.System
        );
        while (await deliver.RunAsync(Cancellation) > 0) { }
        return await office.Database.AskAsSuperuserAsync<bool>(
            "SELECT active FROM siem.legal_holds"
        );
    }

    static async Task<bool> EmptyAsync(Office office, string table) =>
        await office.Database.AskAsSuperuserAsync<long>($"SELECT count(*) FROM psa.{table}") == 0;

    static Task<string> CustodyAsync(Office office, Guid evidenceId) =>
        office.Database.AskAsSuperuserAsync<string>(
            $"""
            SELECT string_agg(act, ',' ORDER BY acted_at) FROM psa.evidence_custody
            WHERE evidence_id = '{evidenceId}'
            """
        );

    static async Task<EvidenceItem> AttachAsync(Office office, Guid caseId, string text) =>
        Office.Done(
            await office.AttachEvidence.RunAsync(
                office.Analyst.Token,
                new NewEvidence(caseId, "log", "A log"),
                Bytes(text),
                Cancellation
            )
        );

    static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
