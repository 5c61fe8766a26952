using System.Runtime.InteropServices;

namespace Sentinel.Policies.Matching;

/// <summary>
/// How events of one kind are searched: which texts for what, and which selectors are worth asking for what
/// was found.
/// </summary>
sealed class Plan
{
    readonly int[] always;
    readonly FieldSearch[] searches;
    readonly int[][] selectorsOf;
    readonly Trigger[] triggers;

    /// <param name="covers">Selectors that may take events of the kind, with what they need.</param>
    public Plan(IReadOnlyList<(int Selector, Cover Cover)> covers)
    {
        always = [.. covers.Where(c => c.Cover.Triggers is null).Select(c => c.Selector)];
        var selectors = new Dictionary<Trigger, List<int>>();
        foreach (var (selector, cover) in covers)
        foreach (var trigger in cover.Triggers ?? [])
        {
            ref var needing = ref CollectionsMarshal.GetValueRefOrAddDefault(
                selectors,
                trigger,
                out _
            );
            (needing ??= []).Add(selector);
        }
        triggers = [.. selectors.Keys];
        selectorsOf = [.. selectors.Values.Select(s => s.ToArray())];
        searches =
        [
            .. triggers
                .Index()
                .GroupBy(t => t.Item.Ordinal)
                .Select(field => new FieldSearch([.. field.Select(t => (t.Item, t.Index))])),
        ];
    }

    /// <summary>By their numbers.</summary>
    public IReadOnlyList<Trigger> Triggers => triggers;

    /// <summary>
    /// Adds every trigger that fires, by its number, and every selector that may take the event.
    /// </summary>
    public void Search(EventTexts texts, Marks fired, Marks selectors)
    {
        fired.Reserve(triggers.Length);
        foreach (var search in searches)
            search.Find(texts, fired);
        foreach (var selector in always)
            selectors.Add(selector);
        foreach (var trigger in fired.Added)
        foreach (var selector in selectorsOf[trigger])
            selectors.Add(selector);
    }
}

/// <summary>The triggers of one field.</summary>
sealed class FieldSearch
{
    readonly int ordinal;
    readonly int? present;
    readonly int? beyondAscii;
    readonly Dictionary<double, int> numbers;
    readonly TextSearch words;
    readonly RareByteSearch? rareBytes;
    readonly int[] all;

    /// <param name="triggers">Distinct, of one field, with their numbers.</param>
    public FieldSearch(IReadOnlyList<(Trigger Trigger, int Number)> triggers)
    {
        ordinal = triggers[0].Trigger.Ordinal;
        all = [.. triggers.Select(t => t.Number)];
        var byKind = triggers.ToLookup(t => t.Trigger.Kind);
        foreach (var (_, number) in byKind[TriggerKind.Present])
            present = number;
        foreach (var (_, number) in byKind[TriggerKind.BeyondAscii])
            beyondAscii = number;
        numbers = byKind[TriggerKind.Number].ToDictionary(t => t.Trigger.Number, t => t.Number);
        var sought = byKind[TriggerKind.Text].Select(t => (t.Trigger.Sought, t.Number)).ToList();
        rareBytes = ordinal == Trigger.Record ? RareByteSearch.Of(sought) : null;
        words = new TextSearch(rareBytes is null ? sought : []);
    }

    public void Find(EventTexts texts, Marks fired)
    {
        switch (texts.StateOf(ordinal))
        {
            case TextState.Text when rareBytes is not null:
                rareBytes.Find(texts.Record, fired);
                break;
            case TextState.Text when ordinal == Trigger.Record:
                Find(texts.FoldedRecord, fired);
                break;
            case TextState.Text:
                Find(texts[ordinal], fired);
                break;
            case TextState.List when texts.Values[ordinal] is IReadOnlyList<string> many:
                foreach (var one in many)
                    Find(texts.Fold(one), fired);
                break;
            case TextState.List:
                break;
            case TextState.Absent:
                return;
            case TextState.Unknown:
                foreach (var trigger in all)
                    fired.Add(trigger);
                return;
        }
        if (present is { } number)
            fired.Add(number);
    }

    void Find(FoldedText text, Marks fired)
    {
        words.Find(text, fired);
        if (beyondAscii is { } beyond && !text.IsAscii)
            fired.Add(beyond);
        if (
            numbers.Count > 0
            && TextQuestions.NumberOf(text.Bytes) is { } value
            && numbers.TryGetValue(value, out var number)
        )
            fired.Add(number);
    }
}
