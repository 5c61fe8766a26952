using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>What the values of one member mean: how severe an event is, or what it is.</summary>
static class SourceMaps
{
    /// <summary><c>severity map from level: debug = 1, 4 to 6 = medium</c></summary>
    public static SeverityMap Severities(
        Reporter reporter,
        FieldTable record,
        SeverityFromClause clause
    )
    {
        record.Declare(clause.OfMember.Value, FieldType.Untyped);
        ReportTwice(reporter, clause.Steps.Where(step => step.Last is null).Select(s => s.First));
        var steps = new List<MappedSeverity>();
        foreach (var step in clause.Steps)
        {
            if (step.Last is { } last && !IsRange(step.First, last))
                reporter.Add(
                    Codes.NumberOutOfRange,
                    last.Place,
                    $"{step.First} to {last} is not a range of whole numbers.",
                    "Write the lower one first: 4 to 6 = medium."
                );
            if (Literals.Severity(reporter, step.Value) is { } severity)
                steps.Add(new MappedSeverity(step.First.Value, step.Last?.Value, severity));
        }
        return new SeverityMap(clause.OfMember.Value, steps);
    }

    /// <summary>The condition that a member has this value.</summary>
    public static ConditionSyntax Is(Token member, Token value) =>
        new ConditionSyntax.Test(
            value.Place,
            new SubjectSyntax(member, null),
            new TestSyntax.Compare(
                false,
                value with
                {
                    Kind = TokenKind.Symbol,
                    Value = "==",
                },
                new OperandSyntax([], [value], null)
            )
        );

    public static void ReportTwice(Reporter reporter, IEnumerable<Token> values)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var value in values.Where(value => !seen.Add(value.Value)))
            reporter.Add(
                Codes.MappedTwice,
                value.Place,
                $"{value} is mapped twice.",
                "Leave one of them."
            );
    }

    static bool IsRange(Token first, Token last) =>
        long.TryParse(first.Value, out var low)
        && long.TryParse(last.Value, out var high)
        && low <= high;
}
