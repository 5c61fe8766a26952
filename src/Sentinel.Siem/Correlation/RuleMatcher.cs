using System.Buffers;
using System.Globalization;
using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>The values of a rule's key, and one text that is equal only for equal values.</summary>
sealed record RuleKey(string Text, IReadOnlyList<string> Parts)
{
    public static RuleKey None { get; } = new("", []);

    public static RuleKey Of(IReadOnlyList<string> parts)
    {
        if (parts.Count <= 1)
            return parts.Count == 0 ? None : new RuleKey(parts[0], parts);
        var text = new StringBuilder();
        foreach (var part in parts)
            text.Append(part.Length).Append(':').Append(part);
        return new RuleKey(text.ToString(), parts);
    }

    /// <summary>The key whose text it is.</summary>
    public static RuleKey Parse(string text, int partsCount)
    {
        if (partsCount <= 1)
            return partsCount == 0 ? None : new RuleKey(text, [text]);
        var parts = new string[partsCount];
        var at = 0;
        for (var i = 0; i < partsCount; i++)
        {
            var colon = text.IndexOf(':', at);
            var length = int.Parse(text.AsSpan(at..colon), CultureInfo.InvariantCulture);
            parts[i] = text.Substring(colon + 1, length);
            at = colon + 1 + length;
        }
        return new RuleKey(text, parts);
    }
}

/// <summary>One event that one selector of one rule takes.</summary>
/// <param name="More">Another selector takes the same event under the same key, and comes next.</param>
readonly record struct RuleMatch(
    int Rule,
    int Selector,
    RuleKey Key,
    HeldEvent Event,
    bool More = false
);

/// <summary>What a rule makes of an event that its selectors take, without any state.</summary>
sealed class RuleMatcher
{
    // What a finding says of its events beside its key, where they agree.
    static readonly string[] FindingFields =
    [
        "source_system",
        "host",
        "user",
        "target_user",
        "source_ip",
        "destination_ip",
        "asset",
        "identity_role",
        "source_country",
    ];

    readonly EventSelector[] selectors;
    readonly Field[][] keyFields;
    readonly Field[] slots;
    readonly Dictionary<string, int> slotOf = new(StringComparer.Ordinal);

    /// <param name="carried">What rules that take its hits ask of them; null where none does.</param>
    public RuleMatcher(
        RuleDeclaration rule,
        int index,
        FieldTable fields,
        IReadOnlyList<Field>? carried = null
    )
    {
        Carried = carried;
        Rule = rule;
        Index = index;
        selectors = [.. rule.Pattern.Selectors.DistinctBy(s => s.Name)];
        keyFields = [.. selectors.Select(s => KeyOf(rule.Pattern, s))];
        slots =
        [
            .. RuleReads
                .Of(rule)
                .Concat(carried ?? [])
                .Concat(FindingFields.Select(fields.Find).OfType<Field>())
                .DistinctBy(f => f.Name)
                .OrderBy(f => f.Name, StringComparer.Ordinal),
        ];
        foreach (var field in slots)
            slotOf.Add(field.Name, slotOf.Count);
        NamedSlots = [.. FindingFields.Where(slotOf.ContainsKey).Select(n => (n, slotOf[n]))];
    }

    public RuleDeclaration Rule { get; }

    public int Index { get; }

    /// <summary>What its hits hand on, or null where no rule takes them.</summary>
    public IReadOnlyList<Field>? Carried { get; }

    public IReadOnlyList<EventSelector> Selectors => selectors;

    public int SlotsCount => slots.Length;

    public IEnumerable<string> SlotNames => slots.Select(s => s.Name);

    public IReadOnlyList<(string Name, int Slot)> NamedSlots { get; }

    public int SlotOf(Field field) => slotOf[field.Name];

    public int SelectorOf(EventSelector selector) =>
        Array.FindIndex(selectors, s => s.Name == selector.Name);

    /// <summary>Adds the matches of an event, unless they have no key.</summary>
    /// <param name="taking">The rule's selectors that take it, ascending.</param>
    /// <param name="firstSelector">What the rule's first selector is called among them.</param>
    public void Match(
        ReadOnlySpan<int> taking,
        int firstSelector,
        EnrichedEvent enriched,
        bool late,
        List<RuleMatch> matches
    )
    {
        HeldEvent? held = null;
        var first = matches.Count;
        foreach (var selector in taking)
        {
            var i = selector - firstSelector;
            if (KeyOf(keyFields[i], enriched) is not { } key)
                continue;
            held ??= Hold(this, enriched, late);
            matches.Add(new RuleMatch(Index, i, key, held));
        }
        MarkMore(matches, first);
    }

    /// <summary>Of one event's matches of one rule.</summary>
    public static void MarkMore(List<RuleMatch> matches, int first)
    {
        for (var i = first; i < matches.Count - 1; i++)
        for (var j = i + 1; j < matches.Count && !matches[i].More; j++)
            if (matches[i].Key.Text == matches[j].Key.Text)
                matches[i] = matches[i] with { More = true };
    }

    /// <summary>Writes the key's parts as texts, after their number; false where one is absent.</summary>
    public bool TryWriteKey(int selector, IFieldValues values, ArrayBufferWriter<byte> to)
    {
        var fields = keyFields[selector];
        to.WriteNumber((ulong)fields.Length);
        foreach (var field in fields)
            if (TryGetAscii(field, values, out var ascii))
                to.WriteAscii(ascii);
            else if (values[field.Ordinal] is { } value)
                to.WriteText(FieldValue.ToText(value));
            else
                return false;
        return true;
    }

    /// <summary>Writes what the rule remembers of an event, slot after slot.</summary>
    public void WriteValues(IFieldValues values, ArrayBufferWriter<byte> to)
    {
        foreach (var field in slots)
            if (TryGetAscii(field, values, out var ascii))
                to.WriteAsciiValue(ascii, field.Type);
            else
                to.WriteValue(values[field.Ordinal]);
    }

    /// <summary>The canonical spelling, where no object is needed to have it.</summary>
    static bool TryGetAscii(Field field, IFieldValues values, out ReadOnlySpan<byte> ascii)
    {
        ascii = default;
        return field.Type is FieldType.Text or FieldType.Address
            && values.TryGetUtf8(field.Ordinal, out ascii)
            && ascii.Length > 0
            && Ascii.IsValid(ascii);
    }

    public RuleKey? KeyOf(int selector, IFieldValues values) => KeyOf(keyFields[selector], values);

    /// <summary>What the rule remembers of an event.</summary>
    public object?[] ValuesOf(IFieldValues enriched)
    {
        var values = new object?[slots.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = enriched[slots[i].Ordinal];
        return values;
    }

    static HeldEvent Hold(RuleMatcher rule, EnrichedEvent enriched, bool late)
    {
        HeldOrigin? none = null;
        return new(HeadOf(enriched, late, ref none), new(rule.ValuesOf(enriched)));
    }

    /// <param name="known">The origin of the event before, which is mostly that of this one too.</param>
    public static HeldHead HeadOf(EnrichedEvent enriched, bool late, ref HeldOrigin? known)
    {
        var normalised = enriched.Event;
        var origin = normalised.Origin;
        return new HeldHead(
            OrderOf(normalised, origin),
            OriginOf(origin, ref known),
            normalised.KeyTime,
            origin.Line,
            normalised.RepeatCount,
            enriched.AssetId,
            late
        );
    }

    static HeldOrigin OriginOf(RecordInHand origin, ref HeldOrigin? known)
    {
        if (
            known is null
            || known.SourceId != origin.SourceId
            || known.OrganisationId != origin.OrganisationId
            || known.Delivery != origin.Delivery
        )
            known = new HeldOrigin(origin.OrganisationId, origin.SourceId, origin.Delivery);
        return known;
    }

    public static EventOrder OrderOf(EnrichedEvent enriched) =>
        OrderOf(enriched.Event, enriched.Event.Origin);

    static EventOrder OrderOf(NormalisedEvent normalised, RecordInHand origin) =>
        new(normalised.EventTime, origin.InputKey, origin.Index, origin.Positions);

    static Field[] KeyOf(Pattern pattern, EventSelector selector) =>
        pattern.By.TryGetValue(selector.Name, out var fields) ? [.. fields] : [];

    static RuleKey? KeyOf(Field[] fields, IFieldValues enriched)
    {
        if (fields.Length == 0)
            return RuleKey.None;
        var parts = new string[fields.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            // An event with an absent key field takes no part.
            if (enriched[fields[i].Ordinal] is not { } value)
                return null;
            parts[i] = FieldValue.ToText(value);
        }
        return RuleKey.Of(parts);
    }
}
