using Microsoft.Extensions.DependencyInjection;
using Sentinel.IntegrationTests.Walk;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;
using Sentinel.Server;
using Sentinel.Siem;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Normalisation;
using Sentinel.Siem.Replay;

namespace Sentinel.IntegrationTests;

/// <summary>
/// The walk of docs/architecture.md, executable: one line, step by step, from a file to a sealed case.
/// </summary>
public sealed class ThePathOfOneEvent : IAsyncLifetime
{
    const string TheLine =
        "Nov  3 07:11:00 gateway sshd[4243]: "
        + "Accepted password for backup from 198.51.100.9 port 40100 ssh2";

    FoundedDatabase founded = null!;
    ServiceProvider services = null!;
    Secret administrator;
    Secret analyst;
    Secret manager;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_the_walk_of_the_architecture()
    {
        // 1 to 6: kept as it came, read, enriched, correlated, found.
        await IngestAsync();
        Assert.Equal(
            1,
            await AskAsync(
                $"SELECT count(*) FROM siem.raw_events WHERE payload_bytes = convert_to('{TheLine}', 'UTF8')"
            )
        );
        var finding = await FindAsync("account_taken");
        Assert.Equal(FindingState.Escalating, finding.State);

        // 7 and 8: sealed, queued; 9: carried across the dock, where a case opens.
        await Use<SweepOnce>().RunAsync(Cancellation);
        finding = await FindAsync("account_taken");
        Assert.Equal(FindingState.Escalated, finding.State);
        var explained = Assert.IsType<ExplainOutcome.Explained>(
            await Use<ExplainFinding>().RunAsync(analyst, finding.Id, Cancellation)
        );
        Assert.Equal(finding.PolicySha256, Sha256(explained.Explanation.RuleText));
        var package = Assert.Single(explained.Explanation.Packages);
        await using (var zip = File.OpenRead(package.Uri.LocalPath))
            Assert.IsType<PackageVerdict.Intact>(VerifyPackage.Run(zip, package.Sha256));
        Assert.IsType<ReplayOutcome.Reproduced>(
            await Use<ReplayFinding>().RunAsync(analyst, finding.Id, null, Cancellation)
        );

        // 10 to 12: worked by one person, with the evidence that came across.
        var caseId = finding.PsaCaseId!.Value;
        await WorkAsync(caseId);
        var story = await ShowAsync(caseId);
        Assert.Equal(package.Sha256, Assert.Single(story.Evidence).Hash);
        Assert.Equal(finding.CorrelationId, story.Case.CorrelationId);

        // 13: closed by another person, sealed, and proved with a head from outside the database.
        await RefusedAsync(analyst, caseId);
        await RefusedAsync(Use<MachineSecrets>().For(finding.OrganisationId, "workflow"), caseId);
        Must(
            await Use<AttestCase>()
                .RunAsync(manager, caseId, "Resolved as it stands.", Cancellation)
        );
        var closed = Must(await Use<CloseCase>().RunAsync(manager, caseId, Cancellation));
        Assert.Equal(CaseState.Closed, closed.Case.Status);
        Assert.Empty(
            Must(await Use<VerifyCase>().RunAsync(manager, caseId, Cancellation)).Problems
        );
        var verdicts = await new VerifyAudit(
            founded.Database.Sentinel,
            founded.Database.Data
        ).RunAsync(
            [founded.Database.Data.HeadFile("psa"), founded.Database.Data.HeadFile("siem")],
            Cancellation
        );
        Assert.All(verdicts, verdict => Assert.True(verdict.Holds));
        Assert.Empty(await TablesThatHoldAsync(TheLine[^60..]));
    }

    /// <summary>Casework's tables, of all that the catalogue knows, in which a piece of a line stands.</summary>
    async Task<List<string>> TablesThatHoldAsync(string piece)
    {
        var tables = await founded.Database.AskAsSuperuserAsync<string[]>(
            "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'psa'"
        );
        var holding = new List<string>();
        foreach (var table in tables)
            if (
                await AskAsync($"SELECT count(*) FROM psa.{table} t WHERE t::text LIKE '%{piece}%'")
                > 0
            )
                holding.Add(table);
        return holding;
    }

    public async ValueTask InitializeAsync()
    {
        founded = await FoundedDatabase.CreateAsync();
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(founded.Database.Sentinel)
            .AddSingleton(founded.Database.Data)
            .AddSiem()
            .AddPsa()
            .AddLedger()
            .AddSingleton<SweepOnce>()
            .BuildServiceProvider();
        administrator = new Secret(
            await File.ReadAllTextAsync(founded.Database.Data.TokenFile, Cancellation)
        );
        analyst = await HireAsync("analyst@example.org", RoleSeeds.Analyst);
        manager = await HireAsync("incident-manager@example.org", RoleSeeds.IncidentManager);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await founded.DisposeAsync();
    }

    async Task IngestAsync()
    {
        var log = Path.Combine(founded.Database.Data.Path, "auth.log");
        var guesses = Enumerable
            .Range(0, 12)
            .Select(i =>
                $"Nov  3 07:10:{i * 4:00} gateway sshd[4242]: "
                + $"Failed password for backup from 198.51.100.9 port {40000 + i} ssh2"
            );
        await File.WriteAllLinesAsync(log, [.. guesses, TheLine], Cancellation);
        var outcome = await Use<IngestFiles>()
            .RunAsync(administrator, [log], null, new NormaliserOptions(), null, Cancellation);
        Assert.Equal(13, Assert.IsType<IngestOutcome.Ingested>(outcome).Counts.Events);
    }

    async Task<Finding> FindAsync(string type)
    {
        var listed = await Use<ListFindings>().RunAsync(analyst, null, 10, Cancellation);
        var findings = Assert.IsType<ListFindingsOutcome.Listed>(listed).Findings;
        return Assert.Single(findings, finding => finding.Type == type);
    }

    /// <summary>Whatever there is to do, until neither policy nor workflow asks for more.</summary>
    async Task WorkAsync(Guid caseId)
    {
        Must(await Use<TakeCase>().RunAsync(analyst, caseId, Cancellation));
        for (var more = true; more; )
        {
            await Use<SweepOnce>().RunAsync(Cancellation);
            var story = await ShowAsync(caseId);
            var open = story.Tasks.Where(task => task.Status == CaseTaskState.Pending).ToList();
            foreach (var task in open)
            {
                Must(await Use<StartTask>().RunAsync(analyst, task.Id, Cancellation));
                Must(
                    await Use<CompleteTask>().RunAsync(analyst, task.Id, "Contained.", Cancellation)
                );
            }
            var asked = story.Approvals.Where(one => one.Status == ApprovalState.Asked).ToList();
            foreach (var question in asked)
                Must(
                    await Use<DecideApproval>()
                        .RunAsync(
                            manager,
                            question.Id,
                            ApprovalTrigger.Approve,
                            "Read.",
                            Cancellation
                        )
                );
            more = open.Count + asked.Count > 0;
        }
        Must(
            await Use<DisposeCase>()
                .RunAsync(analyst, caseId, Disposition.TruePositive, "Not the owner.", Cancellation)
        );
        Must(await Use<ResolveCase>().RunAsync(analyst, caseId, Cancellation));
    }

    async Task<CaseStory> ShowAsync(Guid caseId) =>
        Must(await Use<ShowCase>().RunAsync(analyst, caseId, Cancellation));

    /// <summary>Neither whoever worked nor a tool closes the case.</summary>
    async Task RefusedAsync(Secret who, Guid caseId)
    {
        var attempt = await Use<CloseCase>().RunAsync(who, caseId, Cancellation);
        Assert.True(attempt.Match(_ => false, _ => false, _ => true));
    }

    async Task<Secret> HireAsync(string email, string role)
    {
        var user = Must(
            await Use<CreateUser>().RunAsync(administrator, email, role, [role], Cancellation)
        );
        var holder = new CredentialHolder.ForPerson(user);
        return Must(
            await Use<IssueCredential>()
                .RunAsync(administrator, holder, TimeSpan.FromHours(1), Cancellation)
        ).Secret;
    }

    T Use<T>()
        where T : notnull => services.GetRequiredService<T>();

    Task<long> AskAsync(string sql) => founded.Database.AskAsSuperuserAsync<long>(sql);

    static string Sha256(string text) => new PolicyText("", text).Sha256;

    static T Must<T>(Outcome<T> outcome) =>
        outcome.Match(
            done => done,
            missing => throw new InvalidOperationException(missing),
            refusal => throw new InvalidOperationException(refusal.ToString())
        );
}
