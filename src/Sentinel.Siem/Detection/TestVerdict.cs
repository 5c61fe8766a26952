using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>What a test expects, held against the findings that came of it.</summary>
/// <param name="start">From which the test's times count.</param>
sealed class TestVerdict(IReadOnlyList<TestExpectation> expects, DateTimeOffset start)
{
    /// <summary>One sentence; null where all is as expected.</summary>
    public string? Instead(IReadOnlyList<CorrelationHit> hits)
    {
        if (expects is [var only])
            return hits.Count != only.Findings ? Number(only, hits, "")
                : hits.FirstOrDefault(hit => !HasAll(only, hit)) is { } other ? Other(only, other)
                : null;
        foreach (var expect in expects)
        {
            var alike = hits.Where(hit => HasAll(expect, hit)).ToList();
            if (alike.Count != expect.Findings)
                return Number(expect, alike, With(expect));
        }
        return hits.FirstOrDefault(hit => !expects.Any(expect => HasAll(expect, hit))) is { } extra
            ? $"Nothing expected the finding \"{extra.Message}\"."
            : null;
    }

    static string Number(TestExpectation expect, IReadOnlyList<CorrelationHit> hits, string with) =>
        $"It expected {Findings(expect.Findings)}{with} and there "
        + $"{(hits.Count <= 1 ? "was" : "were")} {Findings(hits.Count)}"
        + (hits.Count > 0 ? $": \"{hits[0].Message}\"." : ".");

    static string With(TestExpectation expect) =>
        expect.With.Count == 0
            ? ""
            : $" with {string.Join(", ", expect.With.Select(one => one.Text))}";

    string Other(TestExpectation expect, CorrelationHit hit) =>
        expect.With.First(one => !Has(one, hit)) switch
        {
            ExpectedValue.OfNumber { Of: "confidence" } =>
                $"The confidence was {hit.Confidence}: {string.Join(", ", hit.Reasons)}.",
            ExpectedValue.OfNumber number => $"The {number.Of} was {NumberOf(number, hit)}.",
            ExpectedValue.OfKey key => $"The key {key.Name} was '{KeyOf(key, hit)}'.",
            ExpectedValue.OfTime time =>
                $"The {(time.First ? "first" : "last")} event was at {TestStory.Said(TimeOf(time, hit))}.",
            _ => throw new InvalidOperationException("An expectation of an unknown kind."),
        };

    bool HasAll(TestExpectation expect, CorrelationHit hit) =>
        expect.With.All(one => Has(one, hit));

    bool Has(ExpectedValue expected, CorrelationHit hit) =>
        expected switch
        {
            ExpectedValue.OfNumber number => Holds(
                number.Comparison,
                NumberOf(number, hit),
                number.Value
            ),
            ExpectedValue.OfKey key => key.Equal
                == string.Equals(KeyOf(key, hit), key.Value, StringComparison.Ordinal),
            ExpectedValue.OfTime time => TimeOf(time, hit) == time.At,
            _ => throw new InvalidOperationException("An expectation of an unknown kind."),
        };

    static long NumberOf(ExpectedValue.OfNumber number, CorrelationHit hit) =>
        number.Of switch
        {
            "severity" => hit.Severity,
            "confidence" => hit.Confidence,
            _ => hit.Count,
        };

    static string? KeyOf(ExpectedValue.OfKey key, CorrelationHit hit) =>
        hit.Key.FirstOrDefault(part => part.Key == key.Name).Value;

    TimeSpan TimeOf(ExpectedValue.OfTime time, CorrelationHit hit) =>
        (time.First ? hit.First : hit.Last) - start;

    static bool Holds(Comparison comparison, long value, long other) =>
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
}
