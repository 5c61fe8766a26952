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

    public void Fill(LazyValues values, CanonicalFields canonical)
    {
        values.Set(canonical.Category, LazyValue.Of(shape.Category));
        values.Set(canonical.Type, LazyValue.Of(shape.Type));
        values.Set(canonical.Severity, LazyValue.Of(severity));
        if (shape.Outcome is not null)
            values.SetIfAbsent(canonical.Outcome, LazyValue.Of(shape.Outcome));
        if (tags is not null)
            values.SetIfAbsent(canonical.Tags, LazyValue.Of(tags));
    }
}

/// <summary>A map of a structured record's members.</summary>
sealed class MapReader(RecordMap map, RecordMembers record)
{
    readonly (int Slot, Field Field)[] members =
    [
        .. map.Members.Select(m => (record.SlotOf(m.Path), m.Field)),
    ];

    public bool Holds(RecordView view)
    {
        foreach (var condition in map.When)
            if (!condition.Holds(view))
                return false;
        return true;
    }

    /// <summary>Sets the mapped values.</summary>
    public void Read(LazyValues values, TimeReader times)
    {
        foreach (var (slot, field) in members)
            Read(record, slot, field, values, times);
    }

    public static void Read(
        RecordMembers record,
        int slot,
        Field field,
        LazyValues values,
        TimeReader times
    )
    {
        ref readonly var member = ref record.At(slot);
        if (member.Form == ValueForm.Absent)
            return;
        if (field.Type == FieldType.Time)
        {
            if (times.ReadMember(record, slot) is { } time)
                values.Set(field.Ordinal, LazyValue.Of(time));
        }
        else if (member.Form == ValueForm.Object)
            values.Set(field.Ordinal, LazyValue.Of(FieldValue.Convert(member.Made, field.Type)));
        else if (!member.IsText || member.Length > 0)
            values.Set(field.Ordinal, member.With(null));
        // A rule over an open record may ask whether a text is empty.
        else if (field.Type == FieldType.Untyped)
            values.Set(field.Ordinal, LazyValue.Of(""));
    }
}
