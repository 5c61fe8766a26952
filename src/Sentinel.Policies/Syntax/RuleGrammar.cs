using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>The clauses of a rule, by the word that opens each.</summary>
static class RuleGrammar
{
    static readonly Parser<Token> Within = Word("within").Then(_ => DurationToken);

    static readonly Parser<KeySyntax> Key =
        from fields in FieldName.SeparatedBy(Symbol("="))
        from alias in Word("as").Then(_ => Name).Maybe()
        select new KeySyntax(fields, alias);

    static readonly Parser<IReadOnlyList<KeySyntax>> By = Word("by")
        .Then(_ => Key.Listed())
        .XOr(Parse.Return<IReadOnlyList<KeySyntax>>([]));

    static readonly Parser<WindowSyntax> Window =
        from kind in OneOf("tumbling", "hopping", "session").Maybe()
        from within in Within
        from every in Word("every").Then(_ => DurationToken).Maybe()
        from most in Words("at", "most").Then(_ => DurationToken).Maybe()
        select new WindowSyntax(kind, within, every, most);

    static readonly Parser<Token?> Times = Words("at", "least")
        .Then(_ => Number)
        .Then(count => OneOf("times", "time").Select(_ => count))
        .Maybe();

    static readonly Parser<(Token Selector, Token? AtLeast)> Counted =
        from selector in Name
        from atLeast in Times
        select (selector, atLeast);

    static readonly Parser<(Token? Count, Token? Within)> AtLeast = Times.Then(count =>
        count is null
            ? Parse.Return<(Token?, Token?)>((null, null))
            : Within.Maybe().Select(within => ((Token?)count, within))
    );

    static readonly Parser<Token?> After = Word("after").Then(_ => DurationToken).Maybe();

    static readonly Parser<StepSyntax> Step =
        from absent in Word("no").Maybe()
        from selector in Name
        from after in Within.Maybe()
        from atLeast in AtLeast
        from without in Names("without")
        select new StepSyntax(absent, selector, after, atLeast.Count, atLeast.Within, without);

    static readonly Parser<AggregationSyntax> Aggregation = (
        from function in Name
        from open in Symbol("(")
        from of in Name
        from close in Symbol(")")
        select (function, of)
    ).Placed((call, place) => new AggregationSyntax(place, call.function, call.of));

    static readonly Parser<Token> Decimal = Take(
        "a number",
        t => t.Kind == TokenKind.Word && char.IsAsciiDigit(t.Value[0])
    );

    static readonly Parser<(Token Number, Token? Against)> Compared = Words("average")
        .Then(_ => Symbol("+"))
        .Then(_ => Decimal)
        .Then(number => Word("deviations").Select(word => (number, (Token?)word)))
        .XOr(from number in Decimal from word in Word("averages").Maybe() select (number, word));

    static readonly Parser<ThresholdSyntax> Threshold = (
        from aggregation in Aggregation
        from comparison in Comparer
        from value in Compared
        select (aggregation, comparison, value)
    ).Placed(
        (t, place) =>
            new ThresholdSyntax(place, t.aggregation, t.comparison, t.value.Number)
            {
                Against = t.value.Against,
            }
    );

    static readonly Parser<HavingSyntax> Having = Parse
        .Ref(() => HavingPart)
        .SeparatedBy(Word("and"))
        .Select(all => all.Count == 1 ? all[0] : new HavingSyntax.All(all))
        .SeparatedBy(Word("or"))
        .Select(any => any.Count == 1 ? any[0] : new HavingSyntax.Any(any));

    static readonly Parser<HavingSyntax> HavingPart = (
        from open in Symbol("(")
        from inner in Having
        from close in Symbol(")")
        select inner
    ).XOr(Threshold.Select(t => (HavingSyntax)new HavingSyntax.Reaches(t)));

    static readonly Parser<Func<TextPlace, bool, Token, ConfidenceLineSyntax>> Per =
        from per in Word("per")
        from selector in Name
        from beyond in Word("beyond").Then(_ => Number).Maybe()
        from atMost in Symbol(",").Then(_ => Words("at", "most")).Then(_ => Number).Maybe()
        select (Func<TextPlace, bool, Token, ConfidenceLineSyntax>)(
            (place, minus, points) =>
                new ConfidenceLineSyntax.Per(place, minus, points, selector, beyond, atMost)
        );

    static readonly Parser<Func<TextPlace, bool, Token, ConfidenceLineSyntax>> AnyHas =
        from words in Words("any", "event", "has")
        from field in Name
        select (Func<TextPlace, bool, Token, ConfidenceLineSyntax>)(
            (place, minus, points) =>
                new ConfidenceLineSyntax.WhenAnyHas(place, minus, points, field)
        );

    static readonly Parser<Func<TextPlace, bool, Token, ConfidenceLineSyntax>> Reaches =
        from threshold in Threshold
        select (Func<TextPlace, bool, Token, ConfidenceLineSyntax>)(
            (place, minus, points) =>
                new ConfidenceLineSyntax.Reaching(place, minus, points, threshold)
        );

    static readonly Parser<ConfidenceLineSyntax> ConfidenceLine = (
        from sign in Symbol("+").XOr(Symbol("-"))
        from points in Number
        from rest in Per.XOr(Word("when").Then(_ => AnyHas.XOr(Reaches)))
        select (sign, points, rest)
    ).Placed((line, place) => line.rest(place, line.sign.Value == "-", line.points));

    static readonly Parser<LetClause> Taken = Word("event")
        .Then(_ => Name)
        .Select(type => new LetClause(type, type, null))
        .XOr(
            from hit in Words("hit", "of")
            from rules in Name.Listed()
            select new LetClause(hit, hit, null) { HitsOf = rules }
        )
        .XOr(
            from risk in Words("risk", "of")
            from entity in Name
            select new LetClause(risk, risk, null) { RiskOf = entity }
        );

    static readonly Parser<RiskSyntax> Risk =
        from points in Number
        from word in Word("to")
        from of in Name
        from alias in Word("as").Then(_ => Name).Maybe()
        select new RiskSyntax(points, of, alias);

    static Parser<IReadOnlyList<Token>> Names(string word) =>
        Word(word).Then(_ => Name.Listed()).XOr(Parse.Return<IReadOnlyList<Token>>([]));

    static readonly Parser<ClauseSyntax> AboutText = Text.Select(text =>
        (ClauseSyntax)new AboutClause([text])
    );

    static readonly Parser<ClauseSyntax> AboutWord = Value.Select(word =>
        (ClauseSyntax)new AboutClause([word])
    );

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> Clauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["id"] = AboutWord,
            ["title"] = AboutText,
            ["author"] = AboutText,
            ["license"] = AboutText,
            ["status"] = AboutWord,
            ["level"] = AboutWord,
            ["date"] = AboutWord,
            ["modified"] = AboutWord,
            ["reference"] = AboutText,
            ["false"] = Word("positive").Then(_ => AboutText),
            ["tag"] = Value.Listed().Select(tags => (ClauseSyntax)new AboutClause(tags)),
            ["related"] =
                from how in AnyWord
                from id in AnyWord
                select (ClauseSyntax)new AboutClause([how, id]),
            ["attack"] = AnyWord.Listed().Select(ids => (ClauseSyntax)new AttackClause(ids)),
            ["severity"] = Value.Select(value => (ClauseSyntax)new SeverityClause(value)),
            ["let"] =
                from name in Name
                from sign in Symbol("=")
                from clause in Word("where")
                    .Then(_ => ConditionGrammar.Condition)
                    .Select(asked => (ClauseSyntax)new PartClause(name, asked))
                    .XOr(
                        from taken in Taken
                        from conditions in Word("where")
                            .Then(_ => ConditionGrammar.Condition)
                            .Maybe()
                        select (ClauseSyntax)(taken with { Name = name, Where = conditions })
                    )
                select clause,
            ["risk"] = Risk.Listed().Select(of => (ClauseSyntax)new RiskClause(of)),
            ["each"] =
                from selector in Name
                from keys in By
                select (ClauseSyntax)new EachClause(selector, keys),
            ["aggregate"] =
                from selector in Name
                from keys in By
                from window in Window
                from having in Word("having").Then(_ => Having)
                select (ClauseSyntax)new AggregateClause(selector, keys, window, having),
            ["all"] =
                from word in Word("of")
                from selectors in Counted.Listed()
                from keys in By
                from within in Within
                select (ClauseSyntax)new AllOfClause(selectors, keys, within),
            ["first"] =
                from values in Name.Listed()
                from keys in By
                from within in Within
                from after in After
                select (ClauseSyntax)new NovelClause(values, keys, within, null, after),
            ["rare"] =
                from values in Name.Listed()
                from keys in By
                from within in Within
                from words in Words("at", "most")
                from count in Number
                from times in OneOf("times", "time")
                from after in After
                select (ClauseSyntax)new NovelClause(values, keys, within, count, after),
            ["unusual"] =
                from selector in Name
                from keys in By
                from per in Word("per").Then(_ => DurationToken)
                from over in Word("over").Then(_ => DurationToken)
                from after in After
                from having in Word("having").Then(_ => Having)
                select (ClauseSyntax)new UnusualClause(selector, keys, per, over, after, having),
            ["except"] =
                from condition in Word("where").Then(_ => ConditionGrammar.Condition)
                from until in Word("until").Then(_ => AnyWord).Maybe()
                from because in Word("because").Then(_ => Text)
                select (ClauseSyntax)new ExceptClause(condition, until, because),
            ["sequence"] =
                from keys in By
                from within in Within
                from first in Step
                from rest in Word("then").Then(_ => Step).Repeated()
                from until in Names("until")
                select (ClauseSyntax)new SequenceClause(keys, within, [first, .. rest], until),
            ["confidence"] =
                from start in Number
                from lines in ConfidenceLine.Repeated()
                select (ClauseSyntax)new ConfidenceClause(start, lines),
            ["raises"] =
                from type in Name
                from message in Text
                select (ClauseSyntax)new RaisesClause(type, message),
            ["once"] =
                from per in Word("per")
                    .Then(_ => FieldName.Listed())
                    .XOr(Parse.Return<IReadOnlyList<Token>>([]))
                from word in Word("in")
                from time in DurationToken
                select (ClauseSyntax)new OnceClause(per, time),
            ["test"] = RuleTestGrammar.Test,
        };
}
