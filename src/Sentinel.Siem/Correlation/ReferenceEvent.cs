using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>An event as the reference sees it, or a hit as rules over hits see it.</summary>
/// <param name="Place">
/// Orders what has one time. An event is its index; behind it come the hits that it completes, level by
/// level; before it those that time completes.
/// </param>
sealed record ReferenceEvent(
    IFieldValues Values,
    string Category,
    string Type,
    DateTimeOffset Time,
    bool IsHit,
    (string Index, int Level, string Path) Place
) : IFieldValues, IComparable<ReferenceEvent>
{
    public object? this[int ordinal] => Values[ordinal];

    public IEnumerable<object> Everything => Values.Everything;

    public int CompareTo(ReferenceEvent? other)
    {
        var order = Time.CompareTo(other!.Time);
        if (order == 0)
            order = string.CompareOrdinal(Place.Index, other.Place.Index);
        if (order == 0)
            order = Place.Level.CompareTo(other.Place.Level);
        return order == 0 ? string.CompareOrdinal(Place.Path, other.Place.Path) : order;
    }

    public static ReferenceEvent OfEvent(EnrichedEvent enriched, int index) =>
        new(
            enriched,
            enriched.Event.Category,
            enriched.Event.Type,
            enriched.Event.EventTime,
            false,
            ($"{index + 1:D6}", 0, "")
        );

    /// <summary>The hit, and what it adds to risks; with the fields of its key.</summary>
    public static IEnumerable<ReferenceEvent> OfHit(
        ReferenceMatch match,
        IReadOnlyList<RuleDeclaration> rules,
        FieldTable fields
    )
    {
        var rule = match.Rule;
        var ofTime = match.Last != match.End.Time;
        var (index, level, path) = ofTime ? ("000000", 0, match.Key) : match.End.Place;
        var number = rules.ToList().IndexOf(rule);
        for (var variant = 0; variant <= rule.Risks.Count; variant++)
        {
            var line = variant == 0 ? null : rule.Risks[variant - 1];
            var category = line is null ? Chaining.Hit : Chaining.Risk;
            var type = line?.Entity.Name ?? rule.Name;
            var values = new Dictionary<int, object?>();
            for (var i = 0; i < match.KeyParts.Length; i++)
                Set(rule.Pattern.KeyNames[i], match.KeyParts[i]);
            Set("rule", rule.Name);
            Set("severity", $"{rule.Severity}");
            if (line is { Of: MessagePart.Key { Index: var key }, Points: var points })
            {
                Set("risk", $"{points}");
                Set(type, match.KeyParts[key]);
            }
            var place = ofTime ? $"{number:D3}{path}/{variant}" : $"{path}/{number:D3}.{variant}";
            yield return new ReferenceEvent(
                new ByOrdinal(values),
                category,
                type,
                match.Last,
                true,
                (index, level + 1, place)
            );

            void Set(string name, string value)
            {
                if (fields.Find(name) is { } field)
                    values[field.Ordinal] = FieldValue.Parse(value, field.Type);
            }
        }
    }

    sealed record ByOrdinal(Dictionary<int, object?> Of) : IFieldValues
    {
        public object? this[int ordinal] => Of.GetValueOrDefault(ordinal);

        public IEnumerable<object> Everything => Of.Values.OfType<object>();
    }
}
