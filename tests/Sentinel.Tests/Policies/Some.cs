using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

/// <summary>What tests of the language need, with only what matters said.</summary>
static class Some
{
    public static Policy Policy(params string[] texts) =>
        Load(texts) switch
        {
            PolicyLoad.Loaded loaded => loaded.Policy,
            PolicyLoad.Rejected rejected => throw new InvalidOperationException(
                string.Join('\n', rejected.Diagnostics)
            ),
            _ => throw new InvalidOperationException(),
        };

    public static IReadOnlyList<Diagnostic> Diagnostics(params string[] texts) =>
        Load(texts) switch
        {
            PolicyLoad.Rejected rejected => rejected.Diagnostics,
            PolicyLoad.Loaded loaded => loaded.Warnings,
            _ => [],
        };

    public static PolicyLoad Load(params string[] texts) =>
        Sentinel.Policies.Policy.Load(
            texts.Select((text, i) => new PolicyText($"some{i}.sentinel", text)),
            EventFields.CreateTable()
        );
}
