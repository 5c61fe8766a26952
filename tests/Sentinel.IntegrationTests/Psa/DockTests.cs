using Npgsql;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Intake;

namespace Sentinel.IntegrationTests.Psa;

public sealed class DockTests
{
    [Fact]
    public async Task A_summary_that_is_too_long_is_cut_between_characters()
    {
        await using var office = await Office.OpenAsync();
        var escalation = office.Escalation();
        // Whoever is attacked does not choose what is in it. Each of these is two UTF-16 units.
        var fires = "." + string.Concat(Enumerable.Repeat("\U0001F525", 3000));

        var receipt = await office.Intake.ReceiveAsync(
            escalation with
            {
                About = escalation.About with { Summary = fires },
            },
            default
        );

        Assert.Equal(fires[..3999], (await office.StoryAsync(receipt.CaseId)).Case.Summary);
    }

    [Fact]
    public async Task A_second_delivery_gets_the_same_receipt_and_changes_nothing()
    {
        await using var office = await Office.OpenAsync();
        var escalation = office.Escalation();

        var first = await office.Intake.ReceiveAsync(escalation, default);
        var second = await office.Intake.ReceiveAsync(escalation, default);

        Assert.Equal(first, second);
        Assert.Equal(1L, await CountAsync(office, "cases"));
        Assert.Equal(1L, await CountAsync(office, "evidence_items"));
        Assert.Equal(1L, await CountAsync(office, "tasks"));
    }

    [Fact]
    public async Task Sixteen_deliveries_at_once_open_one_case()
    {
        await using var office = await Office.OpenAsync();
        var escalation = office.Escalation();

        var receipts = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => office.Intake.ReceiveAsync(escalation, default))
        );

        Assert.Single(receipts.Distinct());
        Assert.Equal(1L, await CountAsync(office, "cases"));
    }

    [Fact]
    public async Task A_later_package_of_the_same_finding_goes_to_its_case()
    {
        await using var office = await Office.OpenAsync();
        var first = office.Escalation();
        var opened = await office.Intake.ReceiveAsync(first, default);

        var later = await office.Intake.ReceiveAsync(
            office.Escalation(first.About.Id, "more lines"),
            default
        );

        Assert.Equal(opened.CaseId, later.CaseId);
        Assert.Equal(1L, await CountAsync(office, "cases"));
        Assert.Equal(2L, await CountAsync(office, "evidence_items"));
    }

    [Fact]
    public async Task A_package_that_is_not_what_was_sealed_is_refused_and_nothing_is_opened()
    {
        await using var office = await Office.OpenAsync();
        var escalation = office.Escalation();
        var path = escalation.Package.Uri.LocalPath;
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var refused = await Assert.ThrowsAsync<IntakeRefusedException>(() =>
            office.Intake.ReceiveAsync(escalation, default)
        );

        Assert.Equal("intake.package_hash", refused.Why.Rule);
        Assert.Equal(0L, await CountAsync(office, "cases"));
        var kept = await office.Database.AskAsSuperuserAsync<long>(
            "SELECT count(*) FROM psa.audit_log WHERE action = 'escalation.receive.refused'"
        );
        Assert.Equal(1, kept);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        await office.Intake.ReceiveAsync(escalation, default);
        Assert.Equal(1L, await CountAsync(office, "cases"));
    }

    [Fact]
    public async Task Evidence_is_hashed_on_every_read_and_every_touch_is_kept()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        var item = (await office.StoryAsync(caseId)).Evidence[0];

        var read = Office.Done(
            await office.ReadEvidence.RunAsync(office.Analyst.Token, item.Id, default)
        );
        await read.Content.DisposeAsync();
        var path = Path.Combine(office.Database.Data.Path, item.StoredUri);
        await File.AppendAllTextAsync(path, "!");
        var refusal = Office.Refused(
            await office.ReadEvidence.RunAsync(office.Analyst.Token, item.Id, default)
        );

        Assert.Equal("evidence.changed", refusal.Rule);
        var touches = await office.Database.AskAsSuperuserAsync<string>(
            "SELECT string_agg(act, ' ' ORDER BY acted_at) FROM psa.evidence_custody"
        );
        Assert.Equal("stored read found_changed", touches);
        Assert.Equal(
            PostgresErrorCodes.InsufficientPrivilege,
            await office.RuleByHandAsync(
                office.Manager.Token,
                "UPDATE psa.evidence_items SET hash = repeat('0', 64) WHERE id = $1",
                item.Id
            )
        );
    }

    [Fact]
    public async Task A_retired_asset_takes_no_new_work_and_the_case_opens_all_the_same()
    {
        await using var office = await Office.OpenAsync();
        var register = new RegisterAsset(office.Database.Sentinel, TimeProvider.System);
        var active = Office.Done(
            await register.RunAsync(
                office.Administrator,
                new NewAsset("server", "web-1", null, ["web-1", "192.0.2.1"], 9),
                default
            )
        );
        var retired = Office.Done(
            await register.RunAsync(
                office.Administrator,
                new NewAsset("server", "web-0", null, ["web-0"], 10),
                default
            )
        );
        Office.Done(
            await new RetireAsset(office.Database.Sentinel).RunAsync(
                office.Administrator,
                retired,
                default
            )
        );
        var escalation = office.Escalation();
        escalation = escalation with
        {
            About = escalation.About with { AssetIds = [active, retired] },
        };

        var receipt = await office.Intake.ReceiveAsync(escalation, default);

        Assert.Equal(9, (await office.StoryAsync(receipt.CaseId)).Case.Severity);
        Assert.Equal(1L, await CountAsync(office, "case_assets"));
        Assert.Equal(
            "asset.retired",
            await office.RuleByHandAsync(
                office.Analyst.Token,
                """
                INSERT INTO psa.case_assets (organisation_id, case_id, asset_id)
                VALUES (access.organisation_id(), $1, $2)
                """,
                receipt.CaseId,
                retired
            )
        );
        Assert.Equal(3L, await CountAsync(office, "reference_outbox"));
    }

    static Task<long> CountAsync(Office office, string table) =>
        office.Database.AskAsSuperuserAsync<long>($"SELECT count(*) FROM psa.{table}");
}
