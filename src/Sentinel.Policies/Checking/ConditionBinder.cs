using System.Diagnostics;
using System.Globalization;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// Conditions to trees over one field table: every name is looked up, every value and operator compared
/// with the field's type.
/// </summary>
/// <param name="parts">What bare names mean; null where conditions have no named parts.</param>
sealed class ConditionBinder(
    Reporter reporter,
    CheckScope scope,
    FieldScope fields,
    NamedParts? parts = null
)
{
    int terms;

    /// <summary>The parts joined by 'and', each on its own; null if any of them is wrong.</summary>
    public IReadOnlyList<Condition>? Bind(ConditionSyntax? syntax)
    {
        terms = 0;
        if (syntax is null)
            return [];
        IReadOnlyList<ConditionSyntax> joined = syntax is ConditionSyntax.Conjunction all
            ? all.Of
            : [syntax];
        var trees = joined.Select(BindAny).ToList();
        if (trees.Contains(null))
            return null;
        ReportContradiction(syntax, trees!);
        return
        [
            .. joined.Zip(
                trees,
                (one, tree) => ConditionCompiler.Condition(reporter.Quote(one.Place), tree!)
            ),
        ];
    }

    void ReportContradiction(ConditionSyntax syntax, IEnumerable<ConditionTree> joined)
    {
        if (Contradictions.In(joined) is not { } found)
            return;
        var asked = string.Join("' and '", found.Asked.Select(text => text.Trim()));
        reporter.Warn(
            Codes.NeverMatches,
            syntax.Place,
            $"No event is like this: no value of '{found.Field.Name}' fits '{asked}'.",
            "Join what is meant to be one or the other with 'or'."
        );
    }

    public BoundTree? BindPart(ConditionSyntax syntax)
    {
        terms = 0;
        return BindAny(syntax) is { } tree ? new BoundTree(tree, terms) : null;
    }

    ConditionTree? BindAny(ConditionSyntax syntax) =>
        syntax switch
        {
            ConditionSyntax.Conjunction all => Many(all.Of.Select(BindAny)) is { } of
                ? new ConditionTree.AllOf(of)
                : null,
            ConditionSyntax.Disjunction any => Many(any.Of.Select(BindAny)) is { } of
                ? new ConditionTree.AnyOf(of)
                : null,
            ConditionSyntax.Not not => BindAny(not.Of) is { } of
                ? new ConditionTree.NotOf(of)
                : null,
            ConditionSyntax.Test test => Counted(test.Place, 1) ? BindTest(test) : null,
            ConditionSyntax.Part part => BindPart(part),
            ConditionSyntax.CountOf some => BindCount(some),
            _ => throw new UnreachableException(),
        };

    static ValueList<ConditionTree>? Many(IEnumerable<ConditionTree?> trees)
    {
        var bound = trees.ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<ConditionTree>()];
    }

    /// <summary>False, with one diagnostic, once a condition is too large.</summary>
    bool Counted(TextPlace place, int more)
    {
        var fitted = terms <= Limits.TermsPerConditionMax;
        terms = Math.Min(terms + more, Limits.TermsPerConditionMax + 1);
        if (fitted && terms > Limits.TermsPerConditionMax)
            reporter.Add(
                Codes.TooMany,
                place,
                $"A condition has at most {Limits.TermsPerConditionMax} terms.",
                "Put the values into a list."
            );
        return terms <= Limits.TermsPerConditionMax;
    }

    ConditionTree? BindPart(ConditionSyntax.Part part)
    {
        if (parts is null)
        {
            reporter.Add(
                Codes.UnknownPart,
                part.Name.Place,
                $"{part.Name} asks nothing.",
                $"Write '{part.Name.Value} exists', or compare it; named parts are for rules."
            );
            return null;
        }
        return parts.Find(part.Name) is { } found && Counted(part.Place, found.Terms)
            ? found.Tree
            : null;
    }

    ConditionTree? BindCount(ConditionSyntax.CountOf some)
    {
        if (parts is null)
        {
            reporter.Add(
                Codes.UnknownPart,
                some.Place,
                $"Only a rule has named parts to count.",
                "Join the conditions by 'and' or 'or'."
            );
            return null;
        }
        var found = some.Names.SelectMany(parts.Matching).ToList();
        if (found.Contains(null))
            return null;
        var bound = found.OfType<BoundTree>().Distinct().ToList();
        if (!Counted(some.Place, bound.Sum(b => b.Terms)))
            return null;
        ValueList<ConditionTree> of = [.. bound.Select(b => b.Tree)];
        if (some.Count.Value == "all")
            return new ConditionTree.AllOf(of);
        if (some.Count.Value is "any" or "1")
            return new ConditionTree.AnyOf(of);
        const NumberStyles style = NumberStyles.None;
        var culture = CultureInfo.InvariantCulture;
        if (
            int.TryParse(some.Count.Value, style, culture, out var count)
            && count > 0
            && count <= of.Count
        )
            return new ConditionTree.AtLeastOf(count, of);
        reporter.Add(
            Codes.WrongCount,
            some.Count.Place,
            $"{some.Count} of {of.Count} parts cannot hold.",
            $"Write all, any, or a number from 1 to {of.Count}."
        );
        return null;
    }

    ConditionTree? BindTest(ConditionSyntax.Test test)
    {
        if (test.Subject.IsRecord && test.Of is not TestSyntax.Has)
            return BindKeyword(test.Place, test.Subject, test.Of);
        return fields.Find(test.Subject.Field) is { } field
            ? BindTest(field, test.Subject, test.Of)
            : null;
    }

    /// <summary>Keyword search: some value of the whole event.</summary>
    ConditionTree? BindKeyword(TextPlace place, SubjectSyntax subject, TestSyntax asked)
    {
        if (asked is TestSyntax.Negated negated)
            return BindKeyword(place, subject, negated.Of) is { } of
                ? new ConditionTree.NotOf(of)
                : null;
        var fits =
            asked is TestSyntax.Asks { With.Other: null } asks
            && asks.Word.Value is "contains" or "like" or "matches";
        if (fits && fields.Time is not null)
            return new TextBinder(reporter, null, subject).Bind(asked);
        reporter.Add(
            Codes.WrongKeywordSearch,
            place,
            fits
                ? "Only rules and searches can look at a whole event."
                : "A whole event is asked with contains, like or matches.",
            "Write \"record\" in quotes if you mean a field of that name."
        );
        return null;
    }

    ConditionTree? BindTest(Field field, SubjectSyntax subject, TestSyntax asked)
    {
        if (asked is TestSyntax.Negated negated)
            return BindTest(field, subject, negated.Of) is { } of
                ? new ConditionTree.NotOf(of)
                : null;
        if (subject.TimePart is not null)
            return new TimePartBinder(reporter, field, subject).Bind(asked);
        var leaf = new LeafMaker(field, subject);
        return asked switch
        {
            TestSyntax.Presence => leaf.Of(asked, new PredicateTest.IsPresent()),
            TestSyntax.Has => leaf.Of(asked, new PredicateTest.IsNotFalse()),
            TestSyntax.Compare { With.Other: not null }
            or TestSyntax.Asks { With.Other: not null } => leaf.Of(
                asked,
                new OtherFieldBinder(reporter, field, fields).Bind(asked)
            ),
            TestSyntax.InList list => leaf.Of(asked, BindList(field, list.List)),
            _ => new ValueBinder(reporter, field, subject).Bind(asked),
        };
    }

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
            ListType.Number => field.Type
                is FieldType.Integer
                    or FieldType.Number
                    or FieldType.Untyped,
        };
        if (fits)
            return new PredicateTest.InListOf(list, fields.Time);
        reporter.Add(
            Codes.WrongValue,
            name.Place,
            $"'{field.Name}' is {field.Type.Said()}, and {name} is a list of {list.Type.Said()}."
        );
        return null;
    }
}
