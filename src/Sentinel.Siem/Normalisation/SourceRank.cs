using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Sources of one rank, asked in their order; those of JSON first, since any text is a line to others.
/// </summary>
sealed class SourceRank
{
    readonly SourceReader[] sources;
    readonly FormatGroup[] groups;
    readonly (FormatGroup Group, int Place)[] placeOf;

    public SourceRank(IEnumerable<SourceReader> ranked, RecordForms forms)
    {
        sources = [.. ranked.OrderBy(s => s.Source.Format != RecordFormat.Json)];
        groups =
        [
            .. sources.GroupBy(s => s.Source.Format).Select(g => new FormatGroup([.. g], forms)),
        ];
        placeOf =
        [
            .. sources.Select(s =>
                groups.Select(g => (g, g.PlaceOf(s))).First(place => place.Item2 >= 0)
            ),
        ];
    }

    public IReadOnlyList<SourceReader> Sources => sources;

    /// <summary>
    /// Makes the record the event; else the refusal of the first that accepts it, or none where nobody does.
    /// </summary>
    public bool Read(
        RecordInHand record,
        in TimeContext context,
        LazyValues values,
        NormalisedEvent normalised,
        out UnreadableReason refusal
    )
    {
        refusal = default;
        foreach (var group in groups)
            group.Begin();
        for (var i = 0; i < sources.Length; i++)
        {
            var (group, place) = placeOf[i];
            if (!group.Accepts(place))
                continue;
            if (sources[i].Read(record, context, values, normalised, out var own))
                return true;
            if (refusal.Reason is null)
                refusal = own;
        }
        return false;
    }
}
