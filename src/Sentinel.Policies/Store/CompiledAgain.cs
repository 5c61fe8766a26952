using System.Collections.Concurrent;
using Sentinel.Postgres;

namespace Sentinel.Policies.Store;

/// <summary>What is active means today what it meant when it was approved, or nothing runs.</summary>
static class CompiledAgain
{
    const int SetsMax = 64;

    static readonly ConcurrentDictionary<string, bool> checkedBefore = new();

    /// <exception cref="OperationFailedException">A text compiles to something else.</exception>
    public static void Check(IReadOnlyList<PolicyVersion> active)
    {
        var key = PolicySet.HashOf(
            active.SelectMany(v => new[] { v.Text.Path, v.Text.Sha256, v.LogicSha256 ?? "" })
        );
        if (checkedBefore.ContainsKey(key))
            return;
        // What does not load together is for whoever wants to run it to say.
        if (
            PolicySet.Load([], active.Select(v => v.Text)) is PolicyLoad.Loaded
            {
                Policy: var policy
            }
        )
            foreach (var version in active.Where(v => v.LogicFormat == PolicyLogic.Format))
                if (
                    PolicyLogic.Sha256(PolicyLogic.Write(policy, version.Text))
                    != version.LogicSha256
                )
                    throw new OperationFailedException(
                        $"Version {version.Version} of {version.Text.Path} compiles to something else "
                            + "than what was approved: publish its text again, and have it approved."
                    );
        if (checkedBefore.Count >= SetsMax)
            checkedBefore.Clear();
        checkedBefore[key] = true;
    }
}
