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

    public TimeSpan Elapsed { get; init; }

    /// <summary>What the rule made of the test's lines; empty where the test passed.</summary>
    public IReadOnlyList<string> Story { get; init; } = [];
}

/// <param name="Results">One for each test, in the order of the text.</param>
public sealed record PolicyTestReport(
    IReadOnlyList<PolicyTestResult> Results,
    IReadOnlyList<RuleCoverage> Coverage
);

/// <summary>Runs the tests inside policies on the real engine, in virtual time.</summary>
/// <param name="samples">Reads the files that tests name; without it those tests fail, and say so.</param>
public sealed class TestPolicies(TimeProvider? clock = null, ReadSample? samples = null)
{
    // Any day would do: a test's times count from its start.
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal const string InputKey = "test";

    readonly TimeProvider clock = clock ?? TimeProvider.System;

    public IReadOnlyList<PolicyTestResult> Run(Policy policy) => Report(policy).Results;

    /// <param name="rules">Those whose tests are meant; null for all.</param>
    public PolicyTestReport Report(Policy policy, IReadOnlyList<RuleDeclaration>? rules = null)
    {
        var normaliser = new Normaliser(policy.Fields, policy.Sources);
        var enricher = new Enricher(policy.Fields, KnownThings.None);
        var results = new List<PolicyTestResult>();
        var coverages = new List<RuleCoverage>();
        foreach (var rule in rules ?? policy.Rules)
        {
            var coverage = new CoverageCounter(rule);
            foreach (var test in rule.Tests)
            {
                var started = clock.GetTimestamp();
                var result = Run(policy, rule, test, normaliser, enricher, coverage);
                results.Add(result with { Elapsed = clock.GetElapsedTime(started) });
            }
            coverages.Add(coverage.Result());
        }
        return new PolicyTestReport(results, coverages);
    }

    PolicyTestResult Run(
        Policy policy,
        RuleDeclaration rule,
        RuleTest test,
        Normaliser normaliser,
        Enricher enricher,
        CoverageCounter coverage
    )
    {
        var result = new PolicyTestResult(rule.Text.Path, rule.Name, test.Name, null);
        var sample = SampleEvents.None;
        if (test.Sample is { } name)
        {
            var reading = samples?.Invoke(rule.Text.Path, name) ?? SampleReading.NotAtHand(name);
            if (reading.Bytes is not { } bytes)
                return result with { Instead = reading.Problem };
            sample = SampleEvents.Read(bytes, name, normaliser, enricher);
            if (sample.Problem is { } problem)
                return result with { Instead = problem };
        }
        var start = sample.First ?? Start;
        var lines = test
            .Inputs.SelectMany(input =>
                Enumerable
                    .Range(0, input.Times)
                    .Select(i => new TestLine(input, input.At + input.Every * i))
            )
            .OrderBy(line => line.At)
            .ToList();
        var position = Digest.Zero;
        var readings = new List<Reading>(lines.Count);
        foreach (var (input, at) in lines)
        {
            var raw = RawOf(input, readings.Count, ref position);
            var reading = normaliser.ReadTest(raw, start + at, input.Source);
            if (reading is Reading.Unreadable unreadable)
                return result with
                {
                    Instead =
                        $"The line \"{Short(input.Line)}\" was not read: {unreadable.Reason}.",
                };
            readings.Add(reading);
        }
        EnrichedEvent[] events =
        [
            .. sample.Events.Concat(enricher.Enrich(readings)).OrderBy(RuleMatcher.OrderOf),
        ];
        var correlator = new Correlator(policy.Fields, rule.With(policy.Rules), Guid.Empty);
        var hits = correlator
            .Correlate(events)
            .Concat(correlator.Advance(DateTimeOffset.MaxValue))
            .Where(hit => hit.RuleId == rule.Id)
            .ToList();
        coverage.Add(events, hits);
        var found = hits.Where(hit => !hit.Suppressed).ToList();
        var instead = new TestVerdict(test.Expects, start).Instead(found);
        return instead is null
            ? result
            : result with
            {
                Instead = instead,
                Story = new TestStory(policy, rule, lines, start).Tell(events, hits),
            };
    }

    internal static string Short(string line) => line.Length <= 60 ? line : $"{line[..60]}…";

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
            InputKey = InputKey,
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
