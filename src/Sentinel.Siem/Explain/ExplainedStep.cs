using Sentinel.Policies.Model;

namespace Sentinel.Siem.Explain;

/// <summary>One step of a match: the events that its rule gave this name.</summary>
/// <param name="Absent">No such event came: there are none to list.</param>
public sealed record ExplainedStep(
    string Selection,
    bool Absent,
    IReadOnlyList<ExplainedEvent> Events
);

/// <param name="File">As it was given, or the request; null for an event that cannot be read here.</param>
/// <param name="Predicates">Each that held, with the values that it saw; none for what other rules found.</param>
public sealed record ExplainedEvent(
    Guid EventId,
    string? File,
    long Line,
    DateTimeOffset? Time,
    string Text,
    IReadOnlyList<AskedPredicate> Predicates
);

/// <summary>What a rule means to be so, as its text says it.</summary>
/// <param name="Until">The last day; null for ever.</param>
public sealed record ExplainedException(string Where, DateOnly? Until, string Because)
{
    internal static IReadOnlyList<ExplainedException> Of(RuleDeclaration rule) =>
        [
            .. rule.Exceptions.Select(exception => new ExplainedException(
                string.Join(" and ", exception.Conditions.Select(condition => condition.Text)),
                exception.Until,
                exception.Because
            )),
        ];
}

/// <summary>The words of a rule about its window.</summary>
static class WindowText
{
    /// <summary>Null where a single event is enough.</summary>
    public static string? Of(Pattern pattern) =>
        pattern switch
        {
            Pattern.Aggregate { Window: Window.Hopping hopping } =>
                $"within {Shortfall.Said(hopping.Within)} every {Shortfall.Said(hopping.Every)}",
            Pattern.Aggregate { Window: Window.Session session } =>
                $"sessions with gaps below {Shortfall.Said(session.Within)}",
            Pattern.Aggregate aggregate => $"within {Shortfall.Said(aggregate.Window.Within)}",
            Pattern.AnyOrder any => $"within {Shortfall.Said(any.Within)}",
            Pattern.Sequence sequence => $"within {Shortfall.Said(sequence.Within)}",
            Pattern.Novel novel =>
                $"seen at most {novel.AtMost} times within {Shortfall.Said(novel.Within)}",
            Pattern.Unusual unusual =>
                $"each {Shortfall.Said(unusual.Per)} against the {Shortfall.Said(unusual.Over)} before",
            _ => null,
        };
}
