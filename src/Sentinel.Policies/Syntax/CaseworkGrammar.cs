using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>The clauses of escalations, slas and lists.</summary>
static class CaseworkGrammar
{
    static readonly Parser<ClauseSyntax> NameOrNumber = Value.Select(value =>
        (ClauseSyntax)new NameClause(value)
    );

    static readonly Parser<IReadOnlyList<Token>> Severity = Word("severity")
        .Then(_ =>
            from value in Value
            from highest in value.IsWord("max")
                ? Symbol("(")
                    .Then(_ => Value.Listed())
                    .Then(values => Symbol(")").Select(_ => values))
                : Parse.Return<IReadOnlyList<Token>>([value])
            select highest
        );

    static readonly Parser<SeverityStepSyntax> SeverityStep =
        from first in Value
        from last in Word("to").Then(_ => Value).Maybe()
        from sign in Symbol("=")
        from value in Value
        select new SeverityStepSyntax(first, last, value);

    static readonly Parser<IReadOnlyList<MappedSyntax>> Mapped = (
        from theirs in Value
        from sign in Symbol("=")
        from ours in Value
        select new MappedSyntax(theirs, ours)
    ).Listed();

    static readonly Parser<ClosingItem> Evidence =
        from word in Word("evidence")
        from type in Name
        from words in Words("at", "least")
        from count in Number
        select new ClosingItem(type, count);

    static readonly Parser<ClosingItem> Attestation =
        from words in Words("attestation", "by")
        from role in Name
        select new ClosingItem(role, null);

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> EscalationClauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["when"] = ConditionGrammar.Condition.Select(condition =>
                (ClauseSyntax)new ConditionClause(condition)
            ),
            ["open"] =
                from type in Name
                from severity in Symbol(",").Then(_ => Severity).Maybe()
                select (ClauseSyntax)new OpenClause(type, severity),
            ["sla"] = NameOrNumber,
            ["queue"] = NameOrNumber,
            ["owner"] = NameOrNumber,
            ["workflow"] = NameOrNumber,
            ["order"] = NameOrNumber,
            ["task"] =
                from type in Name
                from description in Text
                select (ClauseSyntax)new TaskClause(type, description),
            ["severity"] =
                from map in Word("map")
                from steps in SeverityStep.Listed()
                select (ClauseSyntax)new SeverityMapClause(steps),
            ["notify"] =
                from who in Value.Listed()
                from when in Word("when")
                from moment in Name
                select (ClauseSyntax)new NotifyClause(who, moment),
            ["to"] =
                from close in Word("close")
                from colon in Symbol(":")
                from items in Evidence.XOr(Attestation).Listed()
                select (ClauseSyntax)new ClosingClause(items),
        };

    static readonly Parser<SlaItem> Respond =
        from keyword in OneOf("respond", "resolve")
        from word in Word("within")
        from time in DurationToken
        select new SlaItem(keyword, time);

    static readonly Parser<SlaItem> Warn =
        from keyword in Word("warn")
        from word in Word("at")
        from percent in Number
        from sign in Symbol("%")
        select new SlaItem(keyword, percent);

    static readonly Parser<SlaItem> Calendar =
        from keyword in Word("calendar")
        from name in Name
        select new SlaItem(keyword, name);

    static readonly Parser<ClauseSyntax> Pause =
        from words in Words("pause", "when")
        from task in Word("task")
            .Then(_ => Name.Select(type => (Token?)type))
            .XOr(Word("approval").Select(_ => (Token?)null))
        from open in Words("is", "open")
        select (ClauseSyntax)new SlaPauseClause(task);

    static readonly Parser<ClauseSyntax> Step =
        from after in Word("after")
        from percent in Number
        from sign in Symbol("%")
        from word in Word("of")
        from clock in OneOf("respond", "resolve")
        from step in Word("notify")
            .Then(_ => Value.Listed())
            .Select(who => new SlaStepClause(percent, clock, who, null))
            .XOr(
                Word("queue")
                    .Then(_ => Name)
                    .Select(queue => new SlaStepClause(percent, clock, [], queue))
            )
        select (ClauseSyntax)step;

    /// <summary>One line of an sla, from its first word on.</summary>
    public static readonly Parser<ClauseSyntax> SlaLine = Respond
        .XOr(Warn)
        .XOr(Calendar)
        .Listed()
        .Select(items => (ClauseSyntax)new SlaClause(items))
        .XOr(Pause)
        .XOr(Step);

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> MappingClauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["severity"] = Mapped.Select(pairs => (ClauseSyntax)new MappedClause(pairs)),
            ["category"] = Mapped.Select(pairs => (ClauseSyntax)new MappedClause(pairs)),
            ["asset"] = Value.Select(member => (ClauseSyntax)new NameClause(member)),
        };

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> RetentionClauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["of"] = Name.Listed().Select(sources => (ClauseSyntax)new SourcesClause(sources)),
            ["raw"] = DurationToken.Select(time => (ClauseSyntax)new NameClause(time)),
            ["events"] = DurationToken.Select(time => (ClauseSyntax)new NameClause(time)),
            ["afterwards"] =
                from what in OneOf("delete", "archive")
                from place in Text.Maybe()
                select (ClauseSyntax)new AfterwardsClause(what, place),
        };

    static readonly Parser<DaySpan> Days =
        from first in Name
        from last in Word("to").Then(_ => Name).Maybe()
        select new DaySpan(first, last);

    public static readonly IReadOnlyDictionary<string, Parser<ClauseSyntax>> CalendarClauses =
        new Dictionary<string, Parser<ClauseSyntax>>
        {
            ["zone"] = Value.Select(zone => (ClauseSyntax)new NameClause(zone)),
            ["hours"] =
                from days in Days.Listed()
                from word in Word("from")
                from begin in AnyWord
                from to in Word("to")
                from end in AnyWord
                select (ClauseSyntax)new HoursClause(days, begin, end),
            ["holiday"] =
                from every in Word("every").Maybe()
                from date in AnyWord
                from name in Text
                select (ClauseSyntax)new HolidayClause(date, every is not null, name),
        };

    /// <summary>One line of a list, from its first word on.</summary>
    public static readonly Parser<ClauseSyntax> ListLine =
        from value in Value
        from until in Word("until").Then(_ => AnyWord).Maybe()
        from because in Word("because").Then(_ => Text).Maybe()
        select (ClauseSyntax)new EntryClause(value, until, because);
}
