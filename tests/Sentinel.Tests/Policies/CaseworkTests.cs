using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

public sealed class CaseworkTests
{
    [Fact]
    public void A_severity_map_changes_what_it_names_and_nothing_else()
    {
        var severity = Some.Policy(
                """
                escalation one
                  when finding.severity >= 0
                  open incident, severity finding.severity
                  severity map low = 2, 4 to 6 = 5, high = 10
                """
            )
            .Escalations[0]
            .Severity;

        Assert.Equal(
            [0, 2, 2, 2, 5, 5, 5, 10, 10, 9, 10],
            Enumerable.Range(0, 11).Select(severity.Mapped)
        );
    }

    [Fact]
    public void Who_is_told_and_how_long_things_stay_is_read_as_written()
    {
        var policy = Some.Policy(
            """
            escalation one
              when finding.severity >= 0
              open incident
              notify soc_lead, "on-call@example.org" when breached

            mapping feed
              severity "sev1" = critical
              category "Recon" = scanning

            retention all
              events 1d
              afterwards archive "s3://logs"
            """
        );

        Assert.Equal(
            [new Notification("soc_lead", "breached"), new("on-call@example.org", "breached")],
            policy.Escalations[0].Notify
        );
        Assert.Equal(9, policy.Mappings[0].Severities.Single(s => s.Key == "sev1").Value);
        Assert.Equal("scanning", policy.Mappings[0].Categories.Single().Value);
        Assert.Equal(TimeSpan.FromDays(1), policy.Retentions[0].Events);
        Assert.Equal("s3://logs", policy.Retentions[0].Archive);
    }

    [Fact]
    public void When_clocks_stand_still_and_who_is_told_of_them_is_read_as_written()
    {
        var sla = Some.Policy(
            """
            sla one
              respond within 15m, resolve within 4h, warn at 75%, calendar always
              pause when task customer_reply is open
              pause when approval is open
              after 80% of respond notify soc_lead, "on-call@example.org"
              after 120% of resolve queue soc_tier_3
            """
        ).Slas[0];

        Assert.Equal(["task customer_reply", "approval"], sla.Pauses.Select(p => p.Cause));
        Assert.Equal(["soc_lead", "on-call@example.org"], sla.Steps[0].Notify);
        Assert.Equal((80, SlaClockOf.Respond), (sla.Steps[0].Percent, sla.Steps[0].Of));
        Assert.Equal((120, "soc_tier_3"), (sla.Steps[1].Percent, sla.Steps[1].Queue));
    }
}
