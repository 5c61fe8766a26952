using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Explain;

/// <summary>Whether a selection takes an event, and what decided it.</summary>
/// <param name="Predicates">All that held where it takes it; else those that kept it from doing so.</param>
/// <param name="OfItsType">The event is of the type that the selection names.</param>
public sealed record SelectionReasons(
    string Selection,
    bool Takes,
    bool OfItsType,
    IReadOnlyList<AskedPredicate> Predicates
);

/// <summary>An event as far as selections look at it, whoever read or stored it.</summary>
sealed record AskedEvent(string Category, string Type, IFieldValues Values)
{
    public static AskedEvent Of(EnrichedEvent enriched) =>
        new(enriched.Event.Category, enriched.Event.Type, enriched);
}

/// <summary>Asks the selections of one rule, one event at a time.</summary>
sealed class SelectionAsker(Pattern pattern)
{
    readonly ConditionReasons reasons = new();

    public IEnumerable<EventSelector> Selections { get; } =
    [.. pattern.Selectors.DistinctBy(s => s.Name)];

    public IEnumerable<SelectionReasons> Ask(EnrichedEvent enriched) =>
        Selections.Select(selection => Ask(selection, enriched));

    public SelectionReasons Ask(EventSelector selection, EnrichedEvent enriched) =>
        Ask(selection, AskedEvent.Of(enriched));

    public SelectionReasons Ask(EventSelector selection, AskedEvent asked)
    {
        var values = asked.Values;
        if (!OfType(selection, asked))
        {
            var wanted = $"event {selection.Category ?? "*"}.{selection.Type ?? "*"}";
            var type = $"{asked.Category}.{asked.Type}";
            return new(
                selection.Name,
                false,
                false,
                [new AskedPredicate(wanted, false, [new AskedValue("type", type)])]
            );
        }
        var against = selection.Conditions.Where(c => !reasons.Holds(c.Tree, values)).ToList();
        var deciding = (against.Count > 0 ? against : selection.Conditions)
            .SelectMany(condition => reasons.Deciding(condition.Tree, values))
            .ToList();
        var absent = KeyOf(selection).Where(field => values[field.Ordinal] is null).ToList();
        var takes = against.Count == 0 && absent.Count == 0;
        if (takes || against.Count == 0)
            deciding.AddRange(KeyOf(selection).Where(f => takes || absent.Contains(f)).Select(Key));
        return new(selection.Name, takes, true, deciding);

        AskedPredicate Key(Field field) =>
            new(
                $"by {field.Name}",
                values[field.Ordinal] is not null,
                [new(field.Name, values[field.Ordinal] is { } v ? FieldValue.ToText(v) : null)]
            );
    }

    /// <summary>Whether each of its predicates holds, also behind the first that does not.</summary>
    public IEnumerable<(ConditionTree.LeafOf Leaf, bool Holds)> Leaves(
        EventSelector selection,
        EnrichedEvent enriched
    ) =>
        OfType(selection, AskedEvent.Of(enriched))
            ? selection
                .Conditions.SelectMany(c => c.Tree.Leaves)
                .Select(leaf => (leaf, reasons.Holds(leaf, enriched)))
            : [];

    static bool OfType(EventSelector selection, AskedEvent asked) =>
        (selection.Category is null || selection.Category == asked.Category)
        && (selection.Type is null || selection.Type == asked.Type);

    IReadOnlyList<Field> KeyOf(EventSelector selection) =>
        pattern.By.TryGetValue(selection.Name, out var fields) ? fields : [];
}
