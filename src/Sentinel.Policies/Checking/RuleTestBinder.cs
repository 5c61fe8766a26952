using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>The tests inside a rule; times are from the test's start.</summary>
sealed class RuleTestBinder(Reporter reporter, CheckScope scope)
{
    const int CountMax = 999_999_999;

    /// <param name="keyNames">Null where the pattern cannot be read: then no key is blamed.</param>
    public IReadOnlyList<RuleTest> Bind(
        DeclarationSyntax declaration,
        IReadOnlyList<string>? keyNames
    )
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
                    [.. test.Expects.Select(expect => Expectation(expect, keyNames))]
                )
                {
                    Sample = test.Sample is { } sample ? Beside(reporter, sample) : null,
                }
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

    /// <summary>A file in the folder of the policy or below it, by its relative path.</summary>
    internal static string Beside(Reporter reporter, Token path)
    {
        var parts = path.Value.Split('/');
        var isBeside =
            path.Value.Length <= Limits.FilePathCharsMax
            && path.Value.IndexOfAny(['\\', ':', '\0']) < 0
            && !parts.Any(part => part is "" or "." or "..");
        if (!isBeside)
            reporter.Add(
                Codes.WrongFile,
                path.Place,
                $"{path} is not a file in the folder of this policy.",
                "Write its path from there, with slashes: samples/auth.log."
            );
        return path.Value;
    }

    TestExpectation Expectation(ExpectSyntax expect, IReadOnlyList<string>? keyNames) =>
        new(
            expect.Findings is { } count
                ? Literals.Within(
                    reporter,
                    count,
                    0,
                    Limits.TestRepetitionsMax,
                    "A number of findings"
                ) ?? 0
                : 0,
            [.. expect.With.Select(one => Expected(one, keyNames)).OfType<ExpectedValue>()]
        );

    ExpectedValue? Expected(ExpectedSyntax one, IReadOnlyList<string>? keyNames)
    {
        if (one.Sign is not { } sign)
            return At(one.Value) is { } at
                ? new ExpectedValue.OfTime(
                    $"{one.What.Value} at {one.Value.Value}",
                    one.What.Value == "first",
                    at
                )
                : null;
        var text = $"{one.What.Value} {sign.Value} {one.Value.Value}";
        if (one.Name is { } name)
        {
            if (keyNames is not null && !keyNames.Contains(name.Value))
                reporter.Add(
                    Codes.WrongExpectation,
                    name.Place,
                    $"{name} is not in the key of this rule.",
                    Suggestions.DidYouMean(name.Value, keyNames)
                        ?? (
                            keyNames.Count == 0
                                ? "The rule has no key: it has no 'by'."
                                : $"The key is {string.Join(", ", keyNames)}."
                        )
                );
            text = $"key {name.Value} {sign.Value} '{one.Value.Value}'";
            return new ExpectedValue.OfKey(text, name.Value, sign.Value == "==", one.Value.Value);
        }
        var value = one.What.Value switch
        {
            "severity" => Literals.Severity(reporter, one.Value),
            "confidence" => Literals.Within(reporter, one.Value, 0, 100, "A confidence"),
            _ => Literals.Within(reporter, one.Value, 0, CountMax, "A count of events"),
        };
        return value is { } number
            ? new ExpectedValue.OfNumber(text, one.What.Value, Literals.ComparisonOf(sign), number)
            : null;
    }
}
