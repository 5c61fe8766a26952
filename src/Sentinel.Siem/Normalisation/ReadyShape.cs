using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>A shape with its values boxed once instead of for each event.</summary>
sealed class ReadyShape(EventShape shape, IReadOnlyList<string> sourceTags)
{
    readonly object severity = SharedTexts.Boxed(shape.Severity);
    readonly IReadOnlyList<string>? tags =
        sourceTags.Count + shape.Tags.Count == 0
            ? null
            : [.. sourceTags.Concat(shape.Tags).Distinct(StringComparer.Ordinal)];

    public EventShape Shape => shape;

    public void Fill(object?[] values, CanonicalFields canonical)
    {
        values[canonical.Category] = shape.Category;
        values[canonical.Type] = shape.Type;
        values[canonical.Severity] = severity;
        values[canonical.Outcome] ??= shape.Outcome;
        values[canonical.Tags] ??= tags;
    }
}

/// <summary>A map of a structured record's members.</summary>
sealed class MapReader(RecordMap map, RecordMembers record)
{
    readonly (int Slot, Field Field)[] members =
    [
        .. map.Members.Select(m => (record.SlotOf(m.Path), m.Field)),
    ];

    /// <summary>Sets the mapped values; false where the map's conditions do not hold.</summary>
    public bool Read(RecordView view, object?[] values, TimeReader times)
    {
        foreach (var condition in map.When)
            if (!condition.Holds(view))
                return false;
        foreach (var (slot, field) in members)
        {
            var member = record[slot];
            values[field.Ordinal] =
                field.Type == FieldType.Time
                    ? times.ReadMember(member)
                    : FieldValue.Convert(member, field.Type);
        }
        return true;
    }
}
