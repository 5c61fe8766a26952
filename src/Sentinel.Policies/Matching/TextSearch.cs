namespace Sentinel.Policies.Matching;

/// <summary>Which of many literals a text holds, each where it has to stand; found in one pass.</summary>
sealed class TextSearch
{
    readonly EdgeIndex starts;
    readonly EdgeIndex ends;
    readonly GramIndex[] anywhere;

    /// <param name="literals">Distinct, each with the number that it is found by.</param>
    public TextSearch(IEnumerable<(SoughtText Sought, int Number)> literals)
    {
        var numbered = literals.ToLookup(l => l.Sought.Place);
        starts = new EdgeIndex(numbered[SoughtPlace.Start], atEnd: false);
        ends = new EdgeIndex(
            numbered[SoughtPlace.End].Concat(numbered[SoughtPlace.Whole]),
            atEnd: true
        );
        anywhere =
        [
            .. numbered[SoughtPlace.Anywhere]
                .Select(l => (l.Sought.Text, l.Number))
                .GroupBy(l => WidthOf(l.Text))
                .Select(g => new GramIndex([.. g], g.Key)),
        ];
    }

    /// <summary>Adds the number of each literal that the text holds.</summary>
    public void Find(FoldedText text, Marks found)
    {
        starts.Find(text.Bytes, found);
        ends.Find(text.Bytes, found);
        foreach (var grams in anywhere)
            grams.Find(text, found);
    }

    // Three bytes are filed under two, so that a text is walked at most three times.
    static int WidthOf(string text) =>
        text.Length switch
        {
            1 => 1,
            2 or 3 => 2,
            _ => GramIndex.WidthMax,
        };
}
