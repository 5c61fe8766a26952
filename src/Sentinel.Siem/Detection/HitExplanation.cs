using Sentinel.Siem.Correlation;
using Sentinel.Siem.Explain;

namespace Sentinel.Siem.Detection;

/// <summary>Why a hit is one: what its rule wanted, and what each of its events had.</summary>
/// <param name="Window">In the rule's words; null where a single event is enough.</param>
/// <param name="Suppressed">Later matches that <c>once per</c> counted on it.</param>
public sealed record HitExplanation(
    DetectedHit Detected,
    string RulePath,
    string? Window,
    IReadOnlyList<ExplainedStep> Steps,
    IReadOnlyList<CorrelationHit> Suppressed
)
{
    public CorrelationHit Hit => Detected.Hit;

    /// <summary>What its rule means to be so.</summary>
    public IReadOnlyList<ExplainedException> Exceptions { get; init; } = [];
}
