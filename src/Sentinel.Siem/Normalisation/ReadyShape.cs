using System.Globalization;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>A shape with its values boxed once instead of for each event.</summary>
sealed class ReadyShape(EventShape shape, IReadOnlyList<string> sourceTags)
{
    const int SeverityMax = 10;

    readonly object severity = SharedTexts.Boxed(shape.Severity);
    readonly object? ocsfClass = shape.OcsfClass is { } number ? (long)number : null;
    readonly ReadyShape?[] bySeverity = new ReadyShape?[SeverityMax + 1];
    readonly IReadOnlyList<string>? tags =
        sourceTags.Count + shape.Tags.Count == 0
            ? null
            : [.. sourceTags.Concat(shape.Tags).Distinct(StringComparer.Ordinal)];

    public EventShape Shape => shape;

    /// <summary>The same of another severity.</summary>
    public ReadyShape With(int other) =>
        other == shape.Severity
            ? this
            : bySeverity[other] ??= new ReadyShape(shape with { Severity = other }, sourceTags);

    public void Fill(LazyValues values, CanonicalFields canonical)
    {
        values.Set(canonical.Category, LazyValue.Of(shape.Category));
        values.Set(canonical.Type, LazyValue.Of(shape.Type));
        values.Set(canonical.Severity, LazyValue.Of(severity));
        if (ocsfClass is not null)
            values.Set(canonical.OcsfClass, LazyValue.Of(ocsfClass));
        if (shape.Outcome is not null)
            values.SetIfAbsent(canonical.Outcome, LazyValue.Of(shape.Outcome));
        if (tags is not null)
            values.SetIfAbsent(canonical.Tags, LazyValue.Of(tags));
    }
}

/// <summary>How severe an event is by a member of its record.</summary>
sealed class SeverityReader(SeverityMap map, RecordMembers record)
{
    readonly int slot = record.SlotOf(map.Path);
    readonly Dictionary<string, int> byText = map
        .Steps.Where(step => step.Last is null)
        .DistinctBy(step => step.First, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(step => step.First, step => step.Severity, StringComparer.OrdinalIgnoreCase);
    readonly (long First, long Last, int Severity)[] ranges =
    [
        .. map
            .Steps.Where(step => step.Last is not null)
            .Select(step => (long.Parse(step.First), long.Parse(step.Last!), step.Severity)),
    ];

    /// <summary>Null where the member is absent, or says nothing that the map knows.</summary>
    public int? Read()
    {
        if (record[slot] is not { } value)
            return null;
        var text = FieldValue.ToText(value);
        if (byText.TryGetValue(text, out var severity))
            return severity;
        if (
            !long.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var n
            )
        )
            return null;
        foreach (var (first, last, step) in ranges)
            if (n >= first && n <= last)
                return step;
        return null;
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
