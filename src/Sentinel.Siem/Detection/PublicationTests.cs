using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;

namespace Sentinel.Siem.Detection;

/// <summary>The tests that stand between a text and its being active, run on the real engine.</summary>
/// <param name="samples">Reads the files that tests name; without it those tests fail, and say so.</param>
public sealed class PublicationTests(ReadSample? samples = null) : IPolicyTests
{
    public PolicyTestCount Run(Policy policy, PolicyText file)
    {
        var rules = policy.Rules.Where(rule => rule.Text.Path == file.Path).ToList();
        var results = new TestPolicies(samples: samples).Report(policy, rules).Results;
        var failed = results.Where(result => !result.Passed).ToList();
        return new PolicyTestCount(
            results.Count,
            failed.Count,
            [.. rules.Where(rule => rule.Tests.Count == 0).Select(rule => rule.Name)],
            failed.Count == 0
                ? null
                : $"{file.Path}: the test \"{failed[0].Test}\" of {failed[0].Rule} fails: "
                    + failed[0].Instead
        );
    }
}
