using System.Globalization;
using System.Text;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <param name="Instead">What happened instead, in one sentence; null where the test passed.</param>
public sealed record PolicyTestResult(string Path, string Rule, string Test, string? Instead)
{
    public bool Passed => Instead is null;
}

/// <summary>Runs the tests inside policies on the real engine, in virtual time.</summary>
public sealed class TestPolicies
{
    // Any day would do: a test's times count from its start.
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One result for each test, in the order of the text.</summary>
    public IReadOnlyList<PolicyTestResult> Run(Policy policy)
    {
        var normaliser = new Normaliser(policy.Fields, policy.Sources);
        var enricher = new Enricher(policy.Fields, KnownThings.None);
        return
        [
            .. policy.Rules.SelectMany(rule =>
                rule.Tests.Select(test => new PolicyTestResult(
                    rule.Text.Path,
                    rule.Name,
                    test.Name,
                    Run(policy, rule, test, normaliser, enricher)
                ))
            ),
        ];
    }

    static string? Run(
        Policy policy,
        RuleDeclaration rule,
        RuleTest test,
        Normaliser normaliser,
        Enricher enricher
    )
    {
        var inputs = test
            .Inputs.SelectMany(input =>
                Enumerable
                    .Range(0, input.Times)
                    .Select(i => (input, At: input.At + input.Every * i))
            )
            .OrderBy(line => line.At)
            .ToList();
        var position = Digest.Zero;
        var readings = new List<Reading>(inputs.Count);
        foreach (var (input, at) in inputs)
        {
            var raw = RawOf(input, readings.Count, ref position);
            var reading = normaliser.ReadTest(raw, Start + at, input.Source);
            if (reading is Reading.Unreadable unreadable)
                return $"The line \"{Short(input.Line)}\" was not read: {unreadable.Reason}.";
            readings.Add(reading);
        }
        var correlator = new Correlator(policy.Fields, rule.With(policy.Rules), Guid.Empty);
        var hits = correlator
            .Correlate(enricher.Enrich(readings))
            .Concat(correlator.Advance(DateTimeOffset.MaxValue))
            .Where(hit => !hit.Suppressed && hit.RuleId == rule.Id)
            .ToList();
        return Compare(test.Expect, hits);
    }

    static string? Compare(TestExpectation expect, List<CorrelationHit> hits)
    {
        if (hits.Count != expect.Findings)
            return $"It expected {Findings(expect.Findings)} and there "
                + $"{(hits.Count == 1 ? "was" : "were")} {Findings(hits.Count)}"
                + (hits.Count > 0 ? $": \"{hits[0].Message}\"." : ".");
        if (expect.Confidence is not { } comparison)
            return null;
        var other = hits.Find(h => !Holds(comparison, h.Confidence, expect.ConfidenceValue));
        return other is null
            ? null
            : $"The confidence was {other.Confidence}: {string.Join(", ", other.Reasons)}.";
    }

    static bool Holds(Comparison comparison, int value, int other) =>
        comparison switch
        {
            Comparison.Equal => value == other,
            Comparison.NotEqual => value != other,
            Comparison.Less => value < other,
            Comparison.LessOrEqual => value <= other,
            Comparison.Greater => value > other,
            Comparison.GreaterOrEqual => value >= other,
        };

    static string Findings(int count) =>
        count switch
        {
            0 => "no finding",
            1 => "1 finding",
            _ => string.Create(CultureInfo.InvariantCulture, $"{count} findings"),
        };

    static string Short(string line) => line.Length <= 60 ? line : $"{line[..60]}…";

    static RawEvent RawOf(TestInput input, int index, ref Digest position)
    {
        var bytes = Encoding.UTF8.GetBytes(input.Line);
        var hash = Digest.Of(bytes);
        position = Digest.Chain(position, hash);
        return new RawEvent
        {
            OrganisationId = Guid.Empty,
            SourceId = Guid.Empty,
            SourceSystem = "test",
            InputKey = "test",
            Index = index,
            Line = index + 1,
            Position = position,
            ReceivedAt = Start.AddYears(1),
            IngestionNode = "test",
            PayloadBytes = bytes,
            PayloadHash = hash,
            Defect = RecordDefect.Of(bytes),
        };
    }
}
