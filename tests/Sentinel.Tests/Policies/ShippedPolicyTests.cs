using Sentinel.Policies;
using Sentinel.Siem.Detection;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Policies;

public sealed class ShippedPolicyTests
{
    [Fact]
    public void Every_shipped_policy_loads_and_every_rule_has_a_test_that_fires_and_one_that_does_not()
    {
        var policy = Shipped();

        Assert.NotEmpty(policy.Sources);
        Assert.NotEmpty(policy.Escalations);
        Assert.All(
            policy.Rules,
            rule => Assert.Contains(rule.Tests, t => t.Expects.Any(e => e.Findings > 0))
        );
        Assert.All(
            policy.Rules,
            rule => Assert.Contains(rule.Tests, t => t.Expects.All(e => e.Findings == 0))
        );
    }

    [Fact]
    public void Every_finding_that_a_shipped_rule_raises_can_become_a_case_or_is_scanning()
    {
        var policy = Shipped();
        var escalated = string.Join(
            ' ',
            policy.Escalations.SelectMany(e => e.When).Select(c => c.Text)
        );

        Assert.All(
            policy.Rules.Select(r => r.Raise.FindingType).Where(t => t != "scanning"),
            type => Assert.Contains(type, escalated)
        );
    }

    [Fact]
    public void Every_shipped_source_is_read_in_the_test_of_a_rule()
    {
        var policy = Shipped();
        var tested = policy
            .Rules.SelectMany(r => r.Tests)
            .SelectMany(t => t.Inputs)
            .Select(i => i.Source)
            .ToHashSet();

        // What only imported rules ask for is read in their tests: whole records, and lines for keywords.
        string[] imported =
        [
            "cisco.ios",
            "huawei.log",
            "juniper.log",
            "paloalto.log",
            "linux.messages",
        ];
        Assert.All(
            policy.Sources.Where(s => !s.RecordIsOpen && !imported.Contains(s.Name)),
            source => Assert.Contains(source.Name, tested)
        );
    }

    [Fact]
    public void Every_shipped_rule_names_its_techniques_unless_it_is_about_no_attack()
    {
        string[] others = ["service_failing", "detection_check", "mail_abuse", "product_alert"];

        Assert.All(
            Shipped().Rules.Where(r => !others.Contains(r.Raise.FindingType)),
            rule => Assert.NotEmpty(rule.Attack)
        );
    }

    [Fact]
    public void The_tests_inside_the_shipped_policies_pass()
    {
        var results = new TestPolicies().Run(Shipped());

        Assert.NotEmpty(results);
        Assert.All(results, r => Assert.True(r.Passed, $"{r.Rule}: {r.Test}: {r.Instead}"));
    }

    static Policy Shipped() =>
        Some.Policy([.. Repository.Files("policies", ".sentinel").Select(f => f.Text)]);
}
