using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Contract;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Modules;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Psa;

public sealed class ModuleTests
{
    [Theory]
    [InlineData("rmm", "INC", "operations", "remediation")]
    [InlineData("siem", "INC", "soc_tier_1", "investigation")]
    [InlineData("edr", "INC", "soc_tier_2", "containment investigation")]
    [InlineData("vulnerability", "PRB", "remediation", "")]
    [InlineData("pentest", "PRB", "remediation", "")]
    [InlineData("compliance", "AUD", "compliance", "")]
    public async Task Each_module_opens_the_work_that_the_shipped_policies_say(
        string module,
        string prefix,
        string queue,
        string tasks
    )
    {
        await using var office = await PublishedAsync();
        var server = await AssetAsync(office, "db-1", "agent-77");

        var delivery = await DeliverAsync(
            office,
            office.Machines.For(office.OrganisationId, module),
            module,
            """{"id": "F-1", "title": "The disk is full", "severity": "high", "confidence": 70, "assets": ["DB-1", "nobody"]}"""
        );

        var receipt = Assert.Single(delivery.Findings).Receipt!;
        var story = await office.StoryAsync(receipt.CaseId);
        Assert.StartsWith(prefix, story.Case.Number, StringComparison.Ordinal);
        Assert.Equal(
            (module, queue, 70),
            (story.Case.SourceSystem, story.Case.Queue, story.Case.Confidence)
        );
        Assert.Equal(
            tasks.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            story.Tasks.Select(task => task.TaskType)
        );
        Assert.DoesNotContain(
            story.Tasks,
            task => task.Description.Contains("(absent)", StringComparison.Ordinal)
        );
        Assert.NotNull(story.Sla);
        Assert.Equal([server], story.Assets.Select(asset => asset.AssetId));
        Assert.Equal(["nobody"], receipt.AssetsProposed);
        var evidence = Assert.Single(story.Evidence);
        Assert.Equal((receipt.EvidenceId, module), (evidence.Id, evidence.SourceSystem));
        Assert.Equal(
            "policies/modules.sentinel",
            await PathAsync(office, story.Case.PolicySha256!)
        );
    }

    [Fact]
    public async Task A_record_delivered_again_changes_nothing_and_one_that_changed_adds_to_its_case()
    {
        await using var office = await PublishedAsync();
        var by = office.Machines.For(office.OrganisationId, "edr");
        const string first = """{"id": "D-1", "title": "Odd process", "severity": "low"}""";
        const string later = """{"id": "D-1", "title": "Odd process", "severity": "high"}""";

        var opened = await DeliverAsync(office, by, "edr", first);
        var again = await DeliverAsync(office, by, "edr", first + "\n" + later);

        Assert.Equal((1, 0, 0, 0), Numbers(opened));
        Assert.Equal((0, 1, 1, 0), Numbers(again));
        Assert.Equal(opened.Findings[0].Receipt, again.Findings[0].Receipt, Same);
        var story = await office.StoryAsync(opened.Findings[0].Receipt!.CaseId);
        Assert.Equal(2, story.Evidence.Count);
        Assert.Equal(2, story.Tasks.Count);
        var deliveries = Office.Done(
            await new ListDeliveries(office.Database.Sentinel).RunAsync(
                office.Analyst.Token,
                story.Case.Id,
                default
            )
        );
        Assert.Equal([2, 7], deliveries.Select(one => one.Severity));
    }

    [Fact]
    public async Task Two_modules_may_use_one_id_and_deliveries_at_once_open_one_case()
    {
        await using var office = await PublishedAsync();
        const string record = """{"id": "same", "title": "Something", "severity": "low"}""";

        var deliveries = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    DeliverAsync(
                        office,
                        office.Analyst.Token,
                        i % 2 == 0 ? "rmm" : "pentest",
                        record
                    )
                )
        );

        Assert.Equal(2, deliveries.Sum(one => one.Opened));
        Assert.Equal(6, deliveries.Sum(one => one.Known));
        Assert.Equal(
            2,
            deliveries.Select(one => one.Findings[0].Receipt!.CaseId).Distinct().Count()
        );
    }

    [Fact]
    public async Task What_comes_after_the_case_was_closed_opens_one_that_follows_on()
    {
        await using var office = await PublishedAsync();
        var by = office.Machines.For(office.OrganisationId, "rmm");
        var first = (await DeliverAsync(office, by, "rmm", """{"id": 9, "title": "Down"}"""))
            .Findings[0]
            .Receipt!;
        await office.FinishAsync(first.CaseId);

        var second = await DeliverAsync(office, by, "rmm", """{"id": 9, "title": "Down again"}""");
        var third = await DeliverAsync(office, by, "rmm", """{"id": 9, "title": "And again"}""");

        Assert.Equal(1, second.Opened);
        var follow = second.Findings[0].Receipt!;
        Assert.Equal((1, follow.CaseId), (third.Added, third.Findings[0].Receipt!.CaseId));
        Assert.Contains(
            (await office.StoryAsync(follow.CaseId)).Related,
            related => related.CaseId == first.CaseId
        );
    }

    [Fact]
    public async Task Two_organisations_may_use_one_id_and_neither_sees_what_the_other_was_sent()
    {
        await using var office = await PublishedAsync();
        var other = await Office.FoundAsync(office.Database, "Quay");
        await PublishAsync(other);
        const string record = """{"id": "same", "title": "Something", "assets": ["db-1"]}""";
        await AssetAsync(office, "db-1", "agent-77");

        var here = await DeliverAsync(office, office.Analyst.Token, "edr", record);
        var there = await DeliverAsync(other, other.Analyst.Token, "edr", record);

        Assert.Equal((1, 1), (here.Opened, there.Opened));
        Assert.Equal(["db-1"], there.Findings[0].Receipt!.AssetsProposed);
        Assert.IsType<Outcome<IReadOnlyList<ModuleReceipt>>.NotFound>(
            await new ListDeliveries(office.Database.Sentinel).RunAsync(
                other.Analyst.Token,
                here.Findings[0].Receipt!.CaseId,
                default
            )
        );
    }

    [Fact]
    public async Task Texts_at_every_bound_open_their_case_and_keep_back_no_other_record()
    {
        await using var office = await PublishedAsync();
        var wide = string.Concat(Enumerable.Repeat("😀", 3000));
        // One unit aside, so that a bound falls between the halves of a character too.
        var names = string.Join(
            ", ",
            Enumerable.Range(10, 50).Select(i => $"\"{i}{wide[..400]}\"")
        );
        var odd = string.Join(", ", Enumerable.Range(100, 50).Select(i => $"\"{i}{wide[..400]}\""));
        var records = $$"""
            {"id": "1", "title": "{{wide}}", "severity": "{{wide}}", "category": "{{wide}}", "assets": [{{names}}]}
            {"id": "2", "title": "x{{wide}}", "severity": "x{{wide}}", "category": "x{{wide}}", "assets": [{{odd}}]}
            {"id": "3", "title": "half \ud800"}
            {"id": "4", "title": "good"}
            """;

        var delivery = await DeliverAsync(office, office.Analyst.Token, "edr", records);

        Assert.Equal((3, 0, 0, 1), Numbers(delivery));
        Assert.Equal("refused", delivery.Findings[2].Became);
    }

    [Fact]
    public async Task A_machine_delivers_for_its_own_module_and_decides_nothing()
    {
        await using var office = await PublishedAsync();
        var edr = await office.IssueAsync(
            office.Administrator,
            new CredentialHolder.ForMachine("edr"),
            TimeSpan.FromDays(9)
        );
        const string record = """{"id": 1, "title": "x"}""";

        var opened = await DeliverAsync(office, edr, "edr", record);
        var foreign = Office.Refused(
            await Receive(office).RunAsync(edr, "rmm", null, Bytes(record), default)
        );
        var nobody = Office.Refused(
            await Receive(office)
                .RunAsync(
                    (await office.HireAsync("eve", RoleSeeds.Auditor)).Token,
                    "rmm",
                    null,
                    Bytes(record),
                    default
                )
        );

        Assert.Equal("delivery.own_module", foreign.Rule);
        Assert.Equal("permission.missing", nobody.Rule);
        Assert.Equal(
            "case.take.person_only",
            Office
                .Refused(
                    await office.TakeCase.RunAsync(edr, opened.Findings[0].Receipt!.CaseId, default)
                )
                .Rule
        );
    }

    [Fact]
    public async Task Bad_records_unknown_mappings_and_what_no_escalation_takes_are_refused_with_what_to_do()
    {
        await using var office = await Office.OpenAsync();
        const string records = """
            {"id": 1, "title": "x"}
            {"id": 2
            """;

        var delivery = await DeliverAsync(office, office.Analyst.Token, "edr", records);
        var unknown = await Receive(office)
            .RunAsync(office.Analyst.Token, "edr", "theirs", Bytes(records), default);
        var module = await Receive(office)
            .RunAsync(office.Analyst.Token, "fax", null, Bytes(records), default);

        Assert.Equal(2, delivery.Refused);
        Assert.Contains(
            "policy.publish, who writes one with 'when source_system == edr'",
            delivery.Findings[0].Reason
        );
        Assert.Contains("record 2 is not taken: it is not JSON", delivery.Findings[1].Reason);
        Assert.Equal(
            "mapping theirs",
            Assert.IsType<Outcome<ModuleDelivery>.NotFound>(unknown).What
        );
        Assert.StartsWith(
            "module fax",
            Assert.IsType<Outcome<ModuleDelivery>.NotFound>(module).What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_case_goes_out_as_an_incident_finding_of_ocsf()
    {
        await using var office = await PublishedAsync();
        var receipt = (
            await DeliverAsync(
                office,
                office.Analyst.Token,
                "edr",
                """{"id": "D-7", "title": "Malware", "category": "Malware", "severity": "Severe"}"""
            )
        )
            .Findings[0]
            .Receipt!;
        var tell = new TellIncident(office.Database.Sentinel, TimeProvider.System);

        var open = Office.Done(await tell.RunAsync(office.Analyst.Token, receipt.CaseId, default));
        await office.WorkAsync(receipt.CaseId, office.Analyst);
        var resolved = Office.Done(
            await tell.RunAsync(office.Analyst.Token, receipt.CaseId, default)
        );

        Assert.Equal(
            (2005, 200501, 4),
            ((int)open["class_uid"]!, (int)open["type_uid"]!, (int)open["severity_id"]!)
        );
        Assert.Equal(
            ("D-7", "malware"),
            (
                (string)open["finding_info_list"]![0]!["uid"]!,
                (string)open["finding_info_list"]![0]!["types"]![0]!
            )
        );
        Assert.Equal(1, (int)open["status_id"]!);
        Assert.Equal((4, 2), ((int)resolved["status_id"]!, (int)resolved["verdict_id"]!));
        Assert.Equal("ada", (string)resolved["assignee"]!["name"]!);
    }

    static bool Same(ModuleReceipt? a, ModuleReceipt? b) =>
        (a!.Id, a.CaseId, a.ReceivedAt) == (b!.Id, b.CaseId, b.ReceivedAt);

    static (int, int, int, int) Numbers(ModuleDelivery one) =>
        (one.Opened, one.Added, one.Known, one.Refused);

    static ReadOnlyMemory<byte> Bytes(string records) => Encoding.UTF8.GetBytes(records);

    static async Task<ModuleDelivery> DeliverAsync(
        Office office,
        Secret by,
        string module,
        string records
    ) => Office.Done(await Receive(office).RunAsync(by, module, null, Bytes(records), default));

    static ReceiveFindings Receive(Office office) =>
        new(
            office.Database.Sentinel,
            office.Objects,
            new NoWorkflows(),
            TimeProvider.System,
            NullLogger<ReceiveFindings>.Instance
        );

    static async Task<Guid> AssetAsync(Office office, string name, string externalRef) =>
        Office.Done(
            await new RegisterAsset(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Administrator,
                new NewAsset("server", name, externalRef, [], 3),
                default
            )
        );

    static async Task<Office> PublishedAsync()
    {
        var office = await Office.OpenAsync();
        await PublishAsync(office);
        return office;
    }

    static async Task PublishAsync(Office office) =>
        Assert.IsType<BootstrapPoliciesOutcome.Done>(
            await new BootstrapPolicies(TimeProvider.System).RunAsync(
                office.Database.SuperuserConnectionString,
                office.OrganisationId,
                ShippedPolicies.Texts,
                default
            )
        );

    static async Task<string> PathAsync(Office office, string sha256)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            office.Database.Sentinel.Psa,
            office.Analyst.Token,
            default
        );
        var found = await PolicyStore.FindByHashAsync(
            work.Connection,
            office.OrganisationId,
            [sha256],
            default
        );
        return found[0].Text.Path;
    }

    sealed class NoWorkflows : ICaseWorkflows
    {
        public Task<Guid?> StartAsync(
            PresentedTransaction work,
            string definition,
            Guid caseId,
            EscalatedFinding finding,
            Guid correlationId,
            CancellationToken cancellation
        ) => Task.FromResult<Guid?>(null);
    }
}
