using System.Diagnostics;
using Npgsql;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;

namespace Sentinel.IntegrationTests.Siem;

public class EscalationTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<(SiemWorld World, Finding Finding)> FoundAsync()
    {
        var world = await SiemWorld.CreateAsync();
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i, user: $"user{i}"));
        var counts = await world.IngestAsync(world.File("auth.log", [.. lines]));
        Assert.Equal(1, counts.Findings);
        return (world, Assert.Single(await world.FindingsAsync()));
    }

    [Fact]
    public async Task A_finding_is_sealed_queued_delivered_and_marked_with_its_case()
    {
        var (world, finding) = await FoundAsync();
        await using var _ = world;
        Assert.Equal(FindingState.Escalating, finding.State);

        var outcome = await world.Get<DeliverEscalations>().RunAsync(Cancellation);

        Assert.Equal(1, outcome.Delivered);
        var escalation = Assert.Single(world.Intake.Received.Values);
        Assert.Equal(
            ("credential_attack", 1),
            (escalation.DecidedBy.Name, escalation.DecidedBy.Version)
        );
        Assert.Equal("198.51.100.9", escalation.About.Fields["source_ip"]);
        await using var package = File.OpenRead(escalation.Package.Uri.LocalPath);
        var verdict = VerifyPackage.Run(package, escalation.Package.Sha256);
        Assert.IsType<PackageVerdict.Intact>(verdict);
        var escalated = Assert.Single(await world.FindingsAsync());
        Assert.Equal(FindingState.Escalated, escalated.State);
        Assert.Equal(RememberingIntake.CaseIdOf(escalation), escalated.PsaCaseId);
        Assert.Equal(0, (await world.Get<DeliverEscalations>().RunAsync(Cancellation)).Delivered);
    }

    [Fact]
    public async Task A_closed_intake_is_tried_again_and_says_why()
    {
        var (world, _) = await FoundAsync();
        await using var __ = world;
        world.Intake.Broken = true;

        var failed = await world.Get<DeliverEscalations>().RunAsync(Cancellation);

        Assert.Equal((0, 1), (failed.Delivered, failed.Failed));
        Assert.Equal(
            "the intake is closed",
            await world.AskAsync<string>("SELECT last_error FROM siem.outbox")
        );
        world.Intake.Broken = false;
        Assert.Equal(0, (await world.Get<DeliverEscalations>().RunAsync(Cancellation)).Delivered);
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await world.Get<DeliverEscalations>().RunAsync(Cancellation)).Delivered);
        Assert.Equal(2, await world.AskAsync<int>("SELECT attempts FROM siem.outbox"));
    }

    [Theory]
    [InlineData("UPDATE siem.siem_findings SET severity = 1")]
    [InlineData("UPDATE siem.siem_findings SET status = 'new', psa_case_id = NULL")]
    [InlineData("UPDATE siem.siem_findings SET psa_case_id = gen_random_uuid()")]
    [InlineData("UPDATE siem.siem_findings SET status = status")]
    [InlineData("DELETE FROM siem.siem_findings")]
    [InlineData("UPDATE siem.outbox SET escalation = '{}'")]
    [InlineData("DELETE FROM siem.evidence_packages")]
    [InlineData("UPDATE siem.raw_events SET payload_hash = payload_hash")]
    public async Task An_escalated_finding_never_changes_again(string sql)
    {
        var (world, _) = await FoundAsync();
        await using var __ = world;
        await world.Get<DeliverEscalations>().RunAsync(Cancellation);

        await Assert.ThrowsAsync<PostgresException>(() => world.RunAsSiemAsync(sql));
    }

    [Fact]
    public async Task A_finding_cannot_skip_a_state_or_go_without_its_paper()
    {
        await using var world = await SiemWorld.CreateAsync();
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i));
        await world.IngestAsync(world.File("auth.log", [.. lines]));

        await Assert.ThrowsAsync<PostgresException>(() =>
            world.RunAsSiemAsync(
                "UPDATE siem.siem_findings SET status = 'escalated', psa_case_id = gen_random_uuid()"
            )
        );
        var born = await Assert.ThrowsAsync<PostgresException>(() =>
            world.RunAsSiemAsync(
                """
                INSERT INTO siem.siem_findings (organisation_id, id, finding_type, severity, confidence,
                    status, created_at, summary, fields, asset_ids, rule_id, hit_id, policy_sha256,
                    correlation_id)
                SELECT organisation_id, gen_random_uuid(), finding_type, severity, confidence,
                    'escalating', created_at, summary, fields, asset_ids, rule_id, hit_id, policy_sha256,
                    correlation_id FROM siem.siem_findings
                """
            )
        );
        Assert.Contains("begins as new", born.MessageText);
    }

    [Fact]
    public async Task A_package_can_be_checked_by_hand()
    {
        var (world, _) = await FoundAsync();
        await using var __ = world;
        var uri = new Uri(
            await world.AskAsync<string>("SELECT package_uri FROM siem.evidence_packages")
        );
        var folder = Directory.CreateDirectory(Path.Combine(world.Database.Data.Path, "bag"));

        System.IO.Compression.ZipFile.ExtractToDirectory(uri.LocalPath, folder.FullName);
        var start = new ProcessStartInfo("sha256sum", "--strict --quiet -c manifest-sha256.txt")
        {
            WorkingDirectory = folder.FullName,
        };
        using var check = Process.Start(start)!;
        await check.WaitForExitAsync(Cancellation);

        Assert.Equal(0, check.ExitCode);
        var raw = Assert.Single(folder.GetFiles("*.log", SearchOption.AllDirectories));
        Assert.Contains(
            SiemWorld.Failed(0, user: "user0") + "\n",
            await File.ReadAllTextAsync(raw.FullName, Cancellation)
        );
        Assert.Equal(
            SiemWorld.Policies,
            await File.ReadAllTextAsync(
                Path.Combine(folder.FullName, "data", "rule.sentinel"),
                Cancellation
            )
        );
    }

    [Fact]
    public async Task A_changed_byte_in_a_package_is_named()
    {
        var (world, _) = await FoundAsync();
        await using var __ = world;
        var uri = new Uri(
            await world.AskAsync<string>("SELECT package_uri FROM siem.evidence_packages")
        );
        var bytes = await File.ReadAllBytesAsync(uri.LocalPath, Cancellation);
        var at = bytes.AsSpan().IndexOf("web1 sshd[42]: Failed"u8);
        bytes[at] ^= 1;

        var verdict = VerifyPackage.Run(new MemoryStream(bytes));

        var different = Assert.IsType<PackageVerdict.Different>(verdict);
        Assert.Contains("data/raw/", different.Difference);
    }
}
