using System.Diagnostics;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// Conditions to predicates over one field table: every name is looked up, every value and operator
/// compared with the field's type.
/// </summary>
/// <param name="open">Whether any name is a field, whose type nobody declared: members of records.</param>
sealed class ConditionBinder(Reporter reporter, CheckScope scope, FieldTable table, bool open)
{
    int terms;

    /// <summary>The parts joined by 'and', each on its own; null if any of them is wrong.</summary>
    public IReadOnlyList<Condition>? Bind(ConditionSyntax? syntax)
    {
        if (syntax is null)
            return [];
        IReadOnlyList<ConditionSyntax> parts = syntax is ConditionSyntax.Conjunction all
            ? all.Of
            : [syntax];
        var trees = parts.Select(BindAny).ToList();
        return trees.Contains(null)
            ? null
            :
            [
                .. parts.Zip(
                    trees,
                    (part, tree) => ConditionCompiler.Condition(reporter.Quote(part.Place), tree!)
                ),
            ];
    }

    ConditionTree? BindAny(ConditionSyntax syntax) =>
        syntax switch
        {
            ConditionSyntax.Conjunction all => BindMany(all.Of) is { } of
                ? new ConditionTree.AllOf(of)
                : null,
            ConditionSyntax.Disjunction any => BindMany(any.Of) is { } of
                ? new ConditionTree.AnyOf(of)
                : null,
            ConditionSyntax.Not not => BindAny(not.Of) is { } of
                ? new ConditionTree.NotOf(of)
                : null,
            ConditionSyntax.Test test => BindTest(test),
            _ => throw new UnreachableException(),
        };

    ValueList<ConditionTree>? BindMany(IReadOnlyList<ConditionSyntax> syntax)
    {
        var bound = syntax.Select(BindAny).ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<ConditionTree>()];
    }

    ConditionTree? BindTest(ConditionSyntax.Test test)
    {
        if (++terms == Limits.TermsPerConditionMax + 1)
            reporter.Add(
                Codes.TooMany,
                test.Place,
                $"A condition has at most {Limits.TermsPerConditionMax} terms.",
                "Put the values into a list."
            );
        if (terms > Limits.TermsPerConditionMax || Find(test.Field) is not { } field)
            return null;
        return BindTest(field, test.Field, test.Of);
    }

    ConditionTree? BindTest(Field field, Token name, TestSyntax asked)
    {
        if (asked is TestSyntax.Negated negated)
            return BindTest(field, name, negated.Of) is { } of ? new ConditionTree.NotOf(of) : null;
        var values = new ValueBinder(reporter, field, name);
        return asked switch
        {
            TestSyntax.Presence => values.Leaf(asked, new PredicateTest.IsPresent()),
            TestSyntax.Has => values.Leaf(asked, new PredicateTest.IsNotFalse()),
            TestSyntax.Compare { Other: { } other } compare => values.Leaf(
                asked,
                BindFields(field, compare, other)
            ),
            TestSyntax.Compare compare => values.Compare(compare),
            TestSyntax.InValues many => values.In(many),
            TestSyntax.Asks operation => values.Ask(operation),
            TestSyntax.InList list => values.Leaf(asked, BindList(field, list.List)),
            _ => throw new UnreachableException(),
        };
    }

    Field? Find(Token name)
    {
        var field = table.Find(name.Value);
        if (field is null && open)
            field = table.Declare(name.Value, FieldType.Untyped);
        if (field is null)
            reporter.UnknownField(name, table, open: false);
        return field;
    }

    PredicateTest? BindFields(Field field, TestSyntax.Compare compare, Token name)
    {
        if (Find(name) is not { } other)
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

    static bool AreAlike(FieldType one, FieldType other) =>
        one == FieldType.Untyped
        || other == FieldType.Untyped
        || one == other
        || one is FieldType.Integer or FieldType.Number
            && other is FieldType.Integer or FieldType.Number;

    PredicateTest? BindList(Field field, Token name)
    {
        if (!scope.Lists.TryGetValue(name.Value, out var list))
        {
            reporter.Add(
                Codes.UnknownList,
                name.Place,
                $"No list is called {name}.",
                Suggestions.DidYouMean(name.Value, scope.Lists.Keys)
                    ?? "Declare it with 'list NAME : cidr', or write the values in parentheses."
            );
            return null;
        }
        if (list is null)
            return null;
        var fits = list.Type switch
        {
            ListType.Cidr => field.Type is FieldType.Address or FieldType.Untyped,
            ListType.Word or ListType.Hash => field.Type
                is FieldType.Text
                    or FieldType.TextList
                    or FieldType.Untyped,
        };
        if (fits)
            return new PredicateTest.InListOf(
                list,
                table.Find("event_time") is { Type: FieldType.Time } time ? time : null
            );
        reporter.Add(
            Codes.WrongValue,
            name.Place,
            $"'{field.Name}' is {field.Type.Said()}, and {name} is a list of {list.Type.Said()}."
        );
        return null;
    }
}
