using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Contract;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Intake;

namespace Sentinel.IntegrationTests.Psa;

public sealed class PublishedTermsTests
{
    static readonly PolicyText Clocks = new(
        "clocks.sentinel",
        """
        sla night
          respond within 30m, resolve within 8h, warn at 50%, calendar always
        """ + "\n"
    );

    static readonly PolicyText Escalations = new(
        "escalations.sentinel",
        """
        escalation night_watch
          when finding.severity >= 3
          open problem, severity max(finding.severity, asset.criticality)
          sla night
          queue night_desk
          task investigation "Look at {source_ip}"
          task remediation "Tell {user}"
          to close: evidence log at least 1, attestation by incident_manager
          order 10
        """ + "\n"
    );

    [Fact]
    public async Task A_case_opens_as_the_published_text_says()
    {
        await using var office = await Office.OpenAsync();
        await PublishAsync(office);
        var escalation = office.Escalation() with
        {
            DecidedBy = new PolicyReference("night_watch", 1, Escalations.Sha256),
        };

        var receipt = await Intake(office).ReceiveAsync(escalation, default);

        var story = await office.StoryAsync(receipt.CaseId);
        Assert.Equal("PRB-1", story.Case.Number);
        Assert.Equal("night_desk", story.Case.Queue);
        Assert.Equal(
            ["Look at 192.0.2.9", "Tell root"],
            story.Tasks.Select(task => task.Description)
        );
        Assert.Equal("night", story.Sla!.Name);
        Assert.Equal(30, story.Sla.ResponseMinutes);
        Assert.Equal(story.Sla.StartedAt.AddHours(4), story.Sla.WarnAt);
        Assert.Equal(Escalations.Sha256, story.Case.PolicySha256);
    }

    [Fact]
    public async Task A_policy_that_nobody_published_opens_nothing()
    {
        await using var office = await Office.OpenAsync();
        await PublishAsync(office);
        var escalation = office.Escalation() with
        {
            DecidedBy = new PolicyReference("night_watch", 1, new string('0', 64)),
        };

        var refused = await Assert.ThrowsAsync<IntakeRefusedException>(() =>
            Intake(office).ReceiveAsync(escalation, default)
        );

        Assert.Equal("intake.policy", refused.Why.Rule);
    }

    static async Task PublishAsync(Office office) =>
        Assert.IsType<BootstrapPoliciesOutcome.Done>(
            await new BootstrapPolicies(TimeProvider.System).RunAsync(
                office.Database.SuperuserConnectionString,
                office.OrganisationId,
                [Clocks, Escalations],
                default
            )
        );

    static OpenCase Intake(Office office) =>
        new(
            office.Database.Sentinel,
            office.Machines,
            office.Objects,
            new PublishedTerms(),
            new NoWorkflows(),
            TimeProvider.System,
            NullLogger<OpenCase>.Instance
        );

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
