using System.Diagnostics;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One field asked against another: <c>user == field(target_user)</c>.</summary>
sealed class OtherFieldBinder(Reporter reporter, Field field, FieldScope fields)
{
    public PredicateTest? Bind(TestSyntax asked) =>
        asked switch
        {
            TestSyntax.Compare compare => Compare(compare, compare.With.Other!),
            TestSyntax.Asks asks => Ask(asks, asks.With.Other!),
            _ => throw new UnreachableException(),
        };

    PredicateTest? Compare(TestSyntax.Compare compare, Token name)
    {
        if (fields.Find(name) is not { } other)
            return null;
        var comparison = Literals.ComparisonOf(compare.Sign);
        if (!AreAlike(field.Type, other.Type))
        {
            reporter.Add(
                Codes.WrongValue,
                name.Place,
                $"'{field.Name}' is {field.Type.Said()}, but '{other.Name}' is {other.Type.Said()}."
            );
            return null;
        }
        var ordered =
            field.Type
            is FieldType.Integer
                or FieldType.Number
                or FieldType.Time
                or FieldType.Untyped;
        if (comparison is Comparison.Equal or Comparison.NotEqual || ordered)
            return new PredicateTest.FieldIs(comparison, other, compare.Cased);
        reporter.WrongOperator(compare.Sign, field);
        return null;
    }

    PredicateTest? Ask(TestSyntax.Asks asks, Token name)
    {
        if (fields.Find(name) is not { } other)
            return null;
        var match = asks.Word.Value switch
        {
            "contains" => TextMatch.Contains,
            "startswith" => TextMatch.StartsWith,
            "endswith" => TextMatch.EndsWith,
            _ => TextMatch.Like,
        };
        if (match == TextMatch.Like || !IsText(field))
        {
            if (IsText(field))
                reporter.Add(
                    Codes.WrongOperator,
                    asks.Word.Place,
                    $"'{asks.Word.Value}' takes values of the policy, not another field.",
                    "Use ==, contains, startswith or endswith."
                );
            else
                reporter.WrongOperator(asks.Word, field);
            return null;
        }
        if (IsText(other))
            return new PredicateTest.TextOfField(match, other, asks.Cased);
        reporter.Add(
            Codes.WrongValue,
            name.Place,
            $"'{field.Name}' is {field.Type.Said()}, but '{other.Name}' is {other.Type.Said()}."
        );
        return null;
    }

    static bool IsText(Field field) => field.Type is FieldType.Text or FieldType.Untyped;

    static bool AreAlike(FieldType one, FieldType other) =>
        (one is FieldType.Untyped || other is FieldType.Untyped || one == other)
            && one is not FieldType.TextList
        || one is FieldType.Integer or FieldType.Number
            && other is FieldType.Integer or FieldType.Number;
}
