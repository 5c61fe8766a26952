using System.Text;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

/// <summary>Builders for tests of detection, with only what matters said.</summary>
static class Some
{
    public static DateTimeOffset Noon { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Policy Policy(params string[] texts) =>
        Sentinel.Policies.Policy.Load(
            texts.Select((text, i) => new PolicyText($"some{i}.sentinel", text)),
            EventFields.CreateTable()
        ) switch
        {
            PolicyLoad.Loaded loaded => loaded.Policy,
            PolicyLoad.Rejected rejected => throw new InvalidOperationException(
                string.Join('\n', rejected.Diagnostics)
            ),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>
    /// Lines of one input, received at noon. Inputs that begin alike do not share positions here: what was
    /// delivered twice never reaches the engine, so a test of the engine must not make it up.
    /// </summary>
    public static IReadOnlyList<RawEvent> Raw(
        IEnumerable<string> lines,
        string input = "some.log",
        bool live = false
    )
    {
        var position = Digest.Of(Encoding.UTF8.GetBytes(input));
        var raw = new List<RawEvent>();
        foreach (var line in lines)
        {
            var bytes = Encoding.UTF8.GetBytes(line);
            var hash = Digest.Of(bytes);
            position = Digest.Chain(position, hash);
            raw.Add(
                new RawEvent
                {
                    OrganisationId = new Guid("00000000-0000-4000-8000-000000000001"),
                    SourceId = Guid.Empty,
                    SourceSystem = "some",
                    InputKey = input,
                    Index = raw.Count,
                    Line = raw.Count + 1,
                    Position = position,
                    ReceivedAt = Noon,
                    IngestionNode = "node",
                    Live = live,
                    PayloadBytes = bytes,
                    PayloadHash = hash,
                    Defect = RecordDefect.Of(bytes),
                }
            );
        }
        return raw;
    }

    public static Reading Reading(Policy policy, string line, NormaliserOptions? options = null) =>
        new Normaliser(policy.Fields, policy.Sources, options).Normalise(Raw([line]))[0];

    public static NormalisedEvent Event(Policy policy, string line) =>
        Reading(policy, line) is Reading.Normalised read
            ? read.Event
            : throw new InvalidOperationException($"{Reading(policy, line)}");

    public static object? Value(this NormalisedEvent normalised, Policy policy, string field) =>
        normalised[policy.Fields.Find(field)!.Ordinal];

    public static IReadOnlyList<EnrichedEvent> Events(Policy policy, params string[] lines) =>
        Events(policy, lines, "some.log");

    public static IReadOnlyList<EnrichedEvent> Events(
        Policy policy,
        IEnumerable<string> lines,
        string input,
        bool live = false
    ) =>
        new Enricher(policy.Fields, KnownThings.None).Enrich(
            new Normaliser(policy.Fields, policy.Sources).Normalise(Raw(lines, input, live))
        );

    public static IReadOnlyList<CorrelationHit> Hits(Policy policy, params string[] lines)
    {
        var correlator = new Correlator(policy.Fields, policy.Rules, Guid.Empty);
        var hits = correlator.Correlate(Events(policy, lines));
        return [.. hits, .. correlator.Advance(DateTimeOffset.MaxValue)];
    }
}
