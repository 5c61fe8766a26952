using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <param name="RulesUntested">Rules of the file that have no test at all.</param>
/// <param name="FirstFailure">In one sentence, or null.</param>
public sealed record PolicyTestCount(
    int Tests,
    int Failed,
    IReadOnlyList<string> RulesUntested,
    string? FirstFailure
)
{
    public bool IsGreen => Failed == 0 && RulesUntested.Count == 0;
}

/// <summary>The border to whoever can run the tests inside policies: detection's engine.</summary>
public interface IPolicyTests
{
    /// <summary>Runs the tests of the rules that this file declares.</summary>
    PolicyTestCount Run(Policy policy, PolicyText file);
}
