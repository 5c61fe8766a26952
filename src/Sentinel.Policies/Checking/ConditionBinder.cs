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
    readonly List<Field> reads = [];
    int terms;

    /// <summary>The parts joined by 'and', each on its own; null if any of them is wrong.</summary>
    public IReadOnlyList<Condition>? Bind(ConditionSyntax? syntax)
    {
        if (syntax is null)
            return [];
        IReadOnlyList<ConditionSyntax> parts = syntax is ConditionSyntax.Conjunction all
            ? all.Of
            : [syntax];
        var bound = parts.Select(BindPart).ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<Condition>()];
    }

    Condition? BindPart(ConditionSyntax syntax)
    {
        reads.Clear();
        if (BindAny(syntax) is not { } holds)
            return null;
        return new Condition(reporter.Quote(syntax.Place), holds, [.. reads.Distinct()]);
    }

    Func<IFieldValues, bool>? BindAny(ConditionSyntax syntax) =>
        syntax switch
        {
            ConditionSyntax.Conjunction all => BindMany(all.Of) is { } of
                ? Predicates.All(of)
                : null,
            ConditionSyntax.Disjunction any => BindMany(any.Of) is { } of
                ? Predicates.Any(of)
                : null,
            ConditionSyntax.Not not => BindAny(not.Of) is { } of ? Predicates.Not(of) : null,
            ConditionSyntax.Test test => BindTest(test),
            _ => throw new UnreachableException(),
        };

    IReadOnlyList<Func<IFieldValues, bool>>? BindMany(IReadOnlyList<ConditionSyntax> syntax)
    {
        var bound = syntax.Select(BindAny).ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<Func<IFieldValues, bool>>()];
    }

    Func<IFieldValues, bool>? BindTest(ConditionSyntax.Test test)
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
        return BindTest(field, test, test.Of);
    }

    Func<IFieldValues, bool>? BindTest(Field field, ConditionSyntax.Test test, TestSyntax asked)
    {
        var values = new ValueBinder(reporter, field, open);
        return asked switch
        {
            TestSyntax.Negated negated => BindTest(field, test, negated.Of) is { } of
                ? Predicates.Not(of)
                : null,
            TestSyntax.Presence => Predicates.Exists(field.Ordinal),
            TestSyntax.Has => Predicates.Has(field.Ordinal),
            TestSyntax.Compare { Other: { } other } compare => BindFields(field, compare, other),
            TestSyntax.Compare compare => values.Compare(compare),
            TestSyntax.InValues many => values.In(many),
            TestSyntax.Asks operation => values.Ask(operation),
            TestSyntax.InList list => BindList(field, list.List),
            _ => throw new UnreachableException(),
        };
    }

    Field? Find(Token name)
    {
        var field = table.Find(name.Value);
        if (field is null && open)
            field = table.Declare(name.Value, FieldType.Text);
        if (field is null)
            reporter.UnknownField(name, table, open: false);
        else
            reads.Add(field);
        return field;
    }

    Func<IFieldValues, bool>? BindFields(Field field, TestSyntax.Compare compare, Token name)
    {
        if (Find(name) is not { } other)
            return null;
        var comparison = Literals.ComparisonOf(compare.Sign);
        var numeric = field.Type is FieldType.Integer or FieldType.Number;
        var alike = numeric
            ? other.Type is FieldType.Integer or FieldType.Number
            : other.Type == field.Type && field.Type is not FieldType.TextList;
        if (!alike)
        {
            reporter.Add(
                Codes.WrongValue,
                name.Place,
                $"'{field.Name}' is {field.Type.Said()}, but '{other.Name}' is {other.Type.Said()}."
            );
            return null;
        }
        var ordered = numeric || open || field.Type == FieldType.Time;
        if (comparison is Comparison.Equal or Comparison.NotEqual || ordered)
            return Predicates.Fields(field.Ordinal, comparison, other.Ordinal, compare.Cased);
        reporter.WrongOperator(compare.Sign, field);
        return null;
    }

    Func<IFieldValues, bool>? BindList(Field field, Token name)
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
        var fits = list.Type switch
        {
            ListType.Cidr => field.Type == FieldType.Address || open,
            ListType.Word or ListType.Hash => field.Type is FieldType.Text or FieldType.TextList,
        };
        if (fits && list.Index is null)
            return null;
        if (fits)
            return Predicates.InList(
                field.Ordinal,
                list.Index!,
                table.Find("event_time") is { Type: FieldType.Time } time ? Read(time) : null
            );
        reporter.Add(
            Codes.WrongValue,
            name.Place,
            $"'{field.Name}' is {field.Type.Said()}, and {name} is a list of {list.Type.Said()}."
        );
        return null;
    }

    int Read(Field field)
    {
        reads.Add(field);
        return field.Ordinal;
    }
}
