using Sentinel.Policies.Model;

namespace Sentinel.Siem.Backtest;

/// <summary>A finding of a draft, or one that the active version raised.</summary>
public sealed record BacktestFinding
{
    /// <summary>For what the draft alone finds the one that it would have had.</summary>
    public required Guid FindingId { get; init; }

    public required string Rule { get; init; }

    public required string Type { get; init; }

    public required int Severity { get; init; }

    public required int Confidence { get; init; }

    public required string Message { get; init; }

    public required IReadOnlyDictionary<string, string> Key { get; init; }

    public required DateTimeOffset First { get; init; }

    public required DateTimeOffset Last { get; init; }

    /// <summary>Of the last match that is counted on it.</summary>
    public required DateTimeOffset LastMatch { get; init; }

    public required long Count { get; init; }

    public long LaterMatches { get; init; }

    /// <summary>The latest of its events.</summary>
    public IReadOnlyList<Guid> EventIds { get; init; } = [];
}

public enum BacktestChange
{
    /// <summary>The draft finds it, the active version raised nothing like it.</summary>
    New,

    /// <summary>Both: the same rule and key, at the same time.</summary>
    Same,

    /// <summary>The active version raised it, the draft does not find it.</summary>
    Gone,
}

/// <param name="Day">UTC, of the match that raised.</param>
/// <param name="Finds">What the draft finds.</param>
/// <param name="Raised">What the active version raised.</param>
public sealed record BacktestDay(
    DateOnly Day,
    long Events,
    int Finds,
    int Raised,
    int New,
    int Gone,
    int Same
);

/// <param name="Findings">In the order of their last events.</param>
/// <param name="Days">Each that has an event or a finding.</param>
/// <param name="Excepted">Matches of the draft that an exception means to be.</param>
/// <param name="Late">Events that final matches leave out.</param>
/// <param name="SetsLeftOut">
/// Sets of policies of that time with which the draft does not load: their events were read with the
/// sources and lists of today.
/// </param>
public sealed record BacktestReport(
    int Rules,
    IReadOnlyList<(BacktestChange Change, BacktestFinding Finding)> Findings,
    IReadOnlyList<BacktestDay> Days,
    long Events,
    long Unparsed,
    long Excepted,
    long Late,
    int SetsLeftOut,
    IReadOnlyList<Diagnostic> Warnings
)
{
    internal static BacktestReport Of(
        DraftFindings draft,
        IReadOnlyList<BacktestFinding> raised,
        BacktestRead read,
        int rules,
        IReadOnlyList<Diagnostic> warnings
    )
    {
        var found = draft.InOrder();
        var findings = Compared(found, raised);
        return new BacktestReport(
            rules,
            findings,
            [.. DaysOf(findings, read)],
            read.Events.Values.Sum(),
            read.Unparsed,
            draft.Excepted,
            draft.Late,
            read.SetsLeftOut,
            warnings
        );
    }

    static List<(BacktestChange, BacktestFinding)> Compared(
        IReadOnlyList<BacktestFinding> found,
        IReadOnlyList<BacktestFinding> raised
    )
    {
        var before = raised.GroupBy(KeyOf).ToDictionary(g => g.Key, g => g.ToList());
        var compared = new List<(BacktestChange Change, BacktestFinding Finding)>();
        foreach (var one in found)
        {
            var alike = before.GetValueOrDefault(KeyOf(one));
            var same = alike?.FindIndex(r => r.First <= one.LastMatch && one.First <= r.LastMatch);
            if (same >= 0)
                alike!.RemoveAt(same.Value);
            compared.Add((same >= 0 ? BacktestChange.Same : BacktestChange.New, one));
        }
        compared.AddRange(before.Values.SelectMany(g => g.Select(r => (BacktestChange.Gone, r))));
        return
        [
            .. compared
                .OrderBy(c => c.Finding.Last)
                .ThenBy(c => c.Finding.Rule, StringComparer.Ordinal)
                .ThenBy(c => c.Finding.FindingId),
        ];
    }

    static string KeyOf(BacktestFinding one) =>
        string.Concat(
            one.Key.OrderBy(part => part.Key, StringComparer.Ordinal)
                .SelectMany(part => new[] { part.Key, part.Value })
                .Prepend(one.Rule)
                .Select(text => $"{text.Length}:{text}")
        );

    static IEnumerable<BacktestDay> DaysOf(
        List<(BacktestChange Change, BacktestFinding Finding)> findings,
        BacktestRead read
    )
    {
        var byDay = findings.ToLookup(f => DateOnly.FromDateTime(f.Finding.Last.UtcDateTime));
        foreach (var day in read.Events.Keys.Union(byDay.Select(g => g.Key)).Order())
        {
            var counts = byDay[day].CountBy(f => f.Change).ToDictionary();
            var (added, gone, same) = (
                counts.GetValueOrDefault(BacktestChange.New),
                counts.GetValueOrDefault(BacktestChange.Gone),
                counts.GetValueOrDefault(BacktestChange.Same)
            );
            yield return new BacktestDay(
                day,
                read.Events.GetValueOrDefault(day),
                added + same,
                gone + same,
                added,
                gone,
                same
            );
        }
    }
}
