using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>The tests inside a rule; times are from the test's start.</summary>
sealed class RuleTestBinder(Reporter reporter, CheckScope scope)
{
    public IReadOnlyList<RuleTest> Bind(DeclarationSyntax declaration)
    {
        var tests = new List<RuleTest>();
        foreach (var (_, test) in declaration.Of<TestClause>())
        {
            if (tests.Any(t => t.Name == test.Name.Value))
                reporter.RepeatedName(test.Name, "test of this rule");
            tests.Add(
                new RuleTest(
                    test.Name.Value,
                    [.. test.Inputs.Select(Input)],
                    Expectation(test.Expect)
                )
            );
        }
        return tests;
    }

    TestInput Input(InputSyntax input)
    {
        if (input.Source is { } source && !scope.Sources.Contains(source.Value))
            reporter.Add(
                Codes.UnknownSource,
                source.Place,
                $"No source is called {source}.",
                Suggestions.DidYouMean(source.Value, scope.Sources)
            );
        var times = input.Times is { } count
            ? Literals.Within(reporter, count, 1, Limits.TestRepetitionsMax, "A repetition")
            : 1;
        var every = input.Every is { } pause ? Literals.Window(reporter, pause) : null;
        return new TestInput(
            At(input.At) ?? TimeSpan.Zero,
            input.Line.Value,
            times ?? 1,
            every ?? TimeSpan.Zero
        )
        {
            Source = input.Source?.Value,
        };
    }

    /// <summary>01:30 is a minute and a half, 01:00:00 an hour; or a duration.</summary>
    TimeSpan? At(Token token)
    {
        var parts = token.Value.Split(':');
        var culture = CultureInfo.InvariantCulture;
        var numbers = parts
            .Select(p =>
                int.TryParse(p, NumberStyles.None, culture, out var n) && p.Length <= 2 ? n : -1
            )
            .ToArray();
        if (parts.Length is 2 or 3 && numbers[^1] is >= 0 and < 60 && numbers.All(n => n >= 0))
            return parts.Length == 2
                ? new TimeSpan(0, numbers[0], numbers[1])
                : new TimeSpan(numbers[0], numbers[1], numbers[2]);
        if (parts.Length == 1)
            return Literals.Window(reporter, token);
        reporter.Add(
            Codes.WrongDuration,
            token.Place,
            $"{token} is not a time in a test.",
            "Write minutes and seconds, 01:30, or hours too, 01:00:00."
        );
        return null;
    }

    static TestExpectation Expectation(ExpectSyntax expect) =>
        new(
            expect.Findings?.ToInt() ?? 0,
            expect.Comparison is { } comparison ? Literals.ComparisonOf(comparison) : null,
            expect.Confidence?.ToInt() ?? 0
        );
}
