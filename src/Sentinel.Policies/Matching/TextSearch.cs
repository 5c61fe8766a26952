namespace Sentinel.Policies.Matching;

/// <summary>Which of many literals a text holds, each where it has to stand; found in one pass.</summary>
sealed class TextSearch
{
    const int StrideMax = 8;

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
                .GroupBy(l => KindOf(l.Text.Length))
                .Select(g => Grams([.. g])),
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

    // The longer a text, the fewer bytes need a look; each kind costs a walk, so there are few.
    static int KindOf(int length) =>
        length switch
        {
            1 => 0,
            2 or 3 => 1,
            <= SoughtText.ShortCharsMax => 2,
            _ => 3,
        };

    static GramIndex Grams(IReadOnlyList<(string Text, int Number)> texts)
    {
        var shortest = texts.Min(t => t.Text.Length);
        var width = shortest switch
        {
            1 => 1,
            2 or 3 => 2,
            _ => GramIndex.WidthMax,
        };
        return new GramIndex(texts, width, Math.Min(StrideMax, shortest - width + 1));
    }
}
