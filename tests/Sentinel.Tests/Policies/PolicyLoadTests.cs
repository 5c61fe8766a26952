using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

public sealed class PolicyLoadTests
{
    const string Sketch = """"
        source linux.sshd
          accepts syslog where program == "sshd"

          line "Failed password for [invalid user ]{user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_failed severity 4 outcome failure
          line "Accepted {method:word} for {user} from {source_ip:ip} port {source_port:int} ssh2[: {key}]"
            is auth.login_succeeded severity 1 outcome success
          otherwise is other.unparsed            # kept and counted, never dropped

        list trusted_scanners : cidr
          10.20.0.0/24        until 2027-01-31   # every exception can expire
          192.0.2.7           because "weekly pentest, CHG-1042"

        rule ssh_password_guessing
          "Many failed SSH logins from one address, then one that works"
          attack T1110.001
          severity 7

          let failed = event auth.login_failed    where source_ip not in trusted_scanners
          let login  = event auth.login_succeeded

          sequence by source_ip within 10m
            failed at least 10 times within 5m
            then login within 5m

          confidence 60
            + 2 per failed beyond 10, at most 20
            + 15 when distinct(failed.user) >= 3
            - 30 when any event has clock_drift

          raises brute_force
            "{count(failed)} failed logins from {source_ip}, then {login.user} was let in on {login.asset}"
          once per source_ip, login.asset in 1h   # later matches are counted on the same finding, not lost

          test "ten failures and a success"
            at 00:00 "Failed password for root from 198.51.100.9 port 4711 ssh2" 10 times every 5s
            at 01:00 "Accepted password for root from 198.51.100.9 port 4712 ssh2"
            expect 1 finding with confidence >= 60
          test "nine failures are not enough"
            at 00:00 "Failed password for root from 198.51.100.9 port 4711 ssh2" 9 times every 5s
            at 01:00 "Accepted password for root from 198.51.100.9 port 4712 ssh2"
            expect nothing

        sla p1
          respond within 15m, resolve within 4h, warn at 75%, calendar always

        escalation credential_attack
          when finding.type in (brute_force, lateral_move)
           and finding.severity >= 7 and finding.confidence >= 60
          open incident, severity max(finding.severity, asset.criticality)
          sla p1
          queue soc_tier_2
          task investigation "Confirm the login of {user} with its owner"
          workflow contain_account
          to close: evidence log at least 1, attestation by incident_manager
          order 10
        """";

    [Fact]
    public void The_sketch_of_the_language_is_a_policy()
    {
        var policy = Some.Policy(Sketch);

        var source = Assert.Single(policy.Sources);
        Assert.Equal(2, source.Lines.Count);
        var rule = Assert.Single(policy.Rules);
        var sequence = Assert.IsType<Pattern.Sequence>(rule.Pattern);
        Assert.Equal(10, sequence.Steps[0].AtLeast);
        Assert.Equal(TimeSpan.FromMinutes(5), sequence.Steps[0].AtLeastWithin);
        Assert.Equal(TimeSpan.FromMinutes(5), sequence.Steps[1].After);
        Assert.Equal(3, rule.Confidence.Lines.Count);
        Assert.Equal(2, rule.Tests.Count);
        Assert.Equal(10, rule.Tests[0].Inputs[0].Times);
        var escalation = Assert.Single(policy.Escalations);
        Assert.Equal(3, escalation.When.Count);
        Assert.Equal("contain_account", escalation.Workflow);
        Assert.Equal(TimeSpan.FromHours(4), Assert.Single(policy.Slas).Resolve);
        Assert.Equal(2, Assert.Single(policy.Lists).Entries.Count);
    }
}
