using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>The clauses of a source, by the word that opens each.</summary>
static class SourceGrammar
{
    static readonly Parser<IReadOnlyList<Token>> None = Parse.Return<IReadOnlyList<Token>>([]);

    static readonly Parser<Token?> Ocsf = Word("ocsf").Then(_ => Number).Maybe();

    static readonly Parser<IReadOnlyList<Token>> Tags = Word("tag").Then(_ => Value.Listed());

    static readonly Parser<ShapeSyntax> Is = (
        from word in Word("is")
        from type in Name
        from ocsf in Ocsf
        from severity in Word("severity").Then(_ => Value).Maybe()
        from outcome in Word("outcome").Then(_ => Value).Maybe()
        from tags in Tags.XOr(None)
        select (type, ocsf, severity, outcome, tags)
    ).Placed(
        (shape, place) =>
            new ShapeSyntax(place, shape.type, shape.severity, shape.outcome, shape.tags)
            {
                Ocsf = shape.ocsf,
            }
    );

    static readonly Parser<Token> MapFrom =
        from words in Words("map", "from")
        from member in Value
        from colon in Symbol(":")
        select member;

    static readonly Parser<SeverityStepSyntax> SeverityStep =
        from first in Value
        from last in Word("to").Then(_ => Value).Maybe()
        from sign in Symbol("=")
        from severity in Value
        select new SeverityStepSyntax(first, last, severity);

    static readonly Parser<MappedShapeSyntax> CategoryStep =
        from theirs in Value
        from sign in Symbol("=")
        from type in Name
        from ocsf in Ocsf
        from severity in Word("severity").Then(_ => Value).Maybe()
        from outcome in Word("outcome").Then(_ => Value).Maybe()
        select new MappedShapeSyntax(
            theirs,
            new ShapeSyntax(type.Place, type, severity, outcome, []) { Ocsf = ocsf }
        );

    static readonly Parser<MapItem> Map =
        from field in Name
        from sign in Symbol("=")
        from path in Value
        select (MapItem)new MapItem.FieldItem(field, path);

    static readonly Parser<IReadOnlyList<MapItem>> Items = Is.Select(shape =>
            (MapItem)new MapItem.ShapeItem(shape)
        )
        .XOr(Map)
        .Repeated();

    static readonly Parser<ZoneSyntax> Zone = Word("zone")
        .Then(_ =>
            Word("utc")
                .Select(utc => new ZoneSyntax(null, utc))
                .XOr(
                    from sign in Symbol("+").XOr(Symbol("-"))
                    from offset in AnyWord
                    select new ZoneSyntax(sign, offset)
                )
        );

    static readonly Parser<ClauseSyntax> Timestamp =
        from path in Take("a member's name", t => t.IsQuoted || NameOtherThan(t, "as")).Maybe()
        from word in Word("as")
        from formats in Value.Listed()
        from zone in Zone.Maybe()
        select (ClauseSyntax)new TimestampClause(path, formats, zone);

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> Clauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["accepts"] =
                from format in Name
                from conditions in Word("where").Then(_ => ConditionGrammar.Condition).Maybe()
                select (ClauseSyntax)new AcceptsClause(format, conditions),
            ["line"] =
                from template in Text
                from shape in Is
                select (ClauseSyntax)new LineClause(template, shape),
            ["when"] =
                from condition in ConditionGrammar.Condition
                from items in Items
                select (ClauseSyntax)new WhenClause(condition, items),
            ["fields"] = Items.Select(items => (ClauseSyntax)new FieldsClause(items)),
            ["otherwise"] = Items.Select(items => (ClauseSyntax)new OtherwiseClause(items)),
            ["severity"] =
                from member in MapFrom
                from steps in SeverityStep.Listed()
                select (ClauseSyntax)new SeverityFromClause(member, steps),
            ["category"] =
                from member in MapFrom
                from steps in CategoryStep.Listed()
                select (ClauseSyntax)new CategoryFromClause(member, steps),
            ["timestamp"] = Timestamp,
            ["record"] = Word("open")
                .Then(_ => Word("below").Then(_ => Value.Listed()).XOr(None))
                .Select(below => (ClauseSyntax)new RecordClause(below)),
            ["lateness"] = DurationToken.Select(d => (ClauseSyntax)new LatenessClause(d)),
            ["silent"] = Word("after")
                .Then(_ => DurationToken)
                .Select(d => (ClauseSyntax)new SilentClause(d)),
            ["tag"] = Value.Listed().Select(tags => (ClauseSyntax)new TagsClause(tags)),
        };

    static bool NameOtherThan(Token token, string word) =>
        token.Kind == TokenKind.Word && token.Value != word;
}
