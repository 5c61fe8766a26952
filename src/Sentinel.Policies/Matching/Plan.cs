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

    /// <param name="covers">Selectors that may take events of the kind, with what they need.</param>
    public Plan(IReadOnlyList<(int Selector, Cover Cover)> covers)
    {
        always = [.. covers.Where(c => c.Cover.Triggers is null).Select(c => c.Selector)];
        var triggered = covers
            .SelectMany(c => (c.Cover.Triggers ?? []).Select(t => (Trigger: t, c.Selector)))
            .GroupBy(t => t.Trigger, t => t.Selector)
            .GroupBy(t => t.Key.Ordinal)
            .Select(field => field.ToList())
            .ToList();
        var numberOffset = 0;
        var fields = new List<FieldSearch>();
        foreach (var field in triggered)
        {
            fields.Add(new FieldSearch([.. field.Select(t => t.Key)], numberOffset));
            numberOffset += field.Count;
        }
        searches = [.. fields];
        selectorsOf = [.. triggered.SelectMany(field => field).Select(t => t.ToArray())];
    }

    public int TriggersCount => selectorsOf.Length;

    /// <summary>Adds every selector that may take the event; <paramref name="fired"/> is room for the work.</summary>
    public void Search(EventTexts texts, Marks fired, Marks selectors)
    {
        fired.Reserve(TriggersCount);
        foreach (var search in searches)
            search.Find(texts, fired);
        foreach (var selector in always)
            selectors.Add(selector);
        foreach (var trigger in fired.Added)
        foreach (var selector in selectorsOf[trigger])
            selectors.Add(selector);
        fired.Clear();
    }
}

/// <summary>The triggers of one field.</summary>
sealed class FieldSearch
{
    readonly int ordinal;
    readonly int? present;
    readonly int? beyondAscii;
    readonly Dictionary<double, int> numbers;
    readonly TextSearch literals;

    /// <param name="triggers">Distinct and of one field; numbered on from <paramref name="firstNumber"/>.</param>
    public FieldSearch(IReadOnlyList<Trigger> triggers, int firstNumber)
    {
        ordinal = triggers[0].Ordinal;
        var byKind = triggers
            .Index()
            .ToLookup(t => t.Item.Kind, t => (t.Item, t.Index + firstNumber));
        foreach (var (_, number) in byKind[TriggerKind.Present])
            present = number;
        foreach (var (_, number) in byKind[TriggerKind.BeyondAscii])
            beyondAscii = number;
        numbers = byKind[TriggerKind.Number].ToDictionary(t => t.Item1.Number, t => t.Item2);
        literals = new TextSearch([
            .. byKind[TriggerKind.Text].Select(t => (t.Item1.Sought, t.Item2)),
        ]);
    }

    public void Find(EventTexts texts, Marks fired)
    {
        switch (texts.StateOf(ordinal))
        {
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
        }
        if (present is { } number)
            fired.Add(number);
    }

    void Find(FoldedText text, Marks fired)
    {
        literals.Find(text, fired);
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
