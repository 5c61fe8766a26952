using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// One deterministic fold of events over all rules: the same events in the same order give the same hits
/// with the same ids, whatever the batches and wherever it was saved and restored.
/// </summary>
public sealed class Correlator(
    FieldTable fields,
    IReadOnlyList<RuleDeclaration> rules,
    Guid organisationId,
    CorrelatorLimits? limits = null
)
{
    public IReadOnlyList<CorrelationHit> Correlate(IReadOnlyList<EnrichedEvent> batch) =>
        throw new NotSupportedException($"{fields} {rules} {organisationId} {limits}");

    /// <summary>Nothing before this time will come any more: absences that are certain now fire.</summary>
    public IReadOnlyList<CorrelationHit> Advance(DateTimeOffset watermark) =>
        throw new NotSupportedException();

    public byte[] Save() => throw new NotSupportedException();

    /// <summary>State of rules that no longer exist is dropped; new rules start empty.</summary>
    public void Restore(ReadOnlySpan<byte> state) => throw new NotSupportedException();
}

public sealed record CorrelatorLimits
{
    /// <summary>Keys that a rule remembers; beyond it the newest are kept and the dropped counted.</summary>
    public int KeysMax { get; init; } = 100_000;

    /// <summary>Events that a key remembers for one rule.</summary>
    public int EventsPerKeyMax { get; init; } = 10_000;
}
