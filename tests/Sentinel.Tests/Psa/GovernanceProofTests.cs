using Sentinel.Psa.Governance;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Psa;

public sealed class GovernanceProofTests
{
    [Fact]
    public void Nothing_forbidden_can_be_reached_and_every_rule_is_needed()
    {
        var proof = ProveGovernance.Run(whole: false, TestContext.Current.CancellationToken);

        Assert.True(proof.Holds, proof.Report);
        // The large world's row stands in the document alone: it takes minutes.
        var document = File.ReadAllLines(
            Path.Combine(Repository.Root, "docs", "governance-proof.md")
        );
        Assert.All(proof.Report.TrimEnd().Split('\n'), line => Assert.Contains(line, document));
    }
}
