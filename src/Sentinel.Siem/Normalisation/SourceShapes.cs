using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>What one source makes of the records that it accepts: its templates and maps, ready to read.</summary>
sealed class SourceShapes
{
    readonly RecordMembers members;
    readonly LineScanner lines;
    readonly ReadyShape[] lineShapes;
    readonly (MapReader Map, ReadyShape Shape)[] maps;
    readonly ValueMemo<int> mapMemo;
    readonly Func<int> findMap;
    readonly OpenRecord open;
    readonly SeverityReader? severities;

    public SourceShapes(SourceDeclaration source, RecordMembers members, RecordView view)
    {
        this.members = members;
        lines = new LineScanner(source.Lines.Select(l => new LineMatcher(l)));
        lineShapes = [.. source.Lines.Select(l => new ReadyShape(l.Is, source.Tags))];
        maps =
        [
            .. source.Maps.Select(m =>
                (new MapReader(m, members), new ReadyShape(m.Is, source.Tags))
            ),
        ];
        mapMemo = new ValueMemo<int>(
            view.AskedBy(source.Maps.SelectMany(m => m.When)),
            members.SlotsCount
        );
        findMap = () => Array.FindIndex(maps, m => m.Map.Holds(view));
        open = new OpenRecord(source.OpenMembers, members);
        severities = source.SeverityMap is { } map ? new SeverityReader(map, members) : null;
    }

    /// <summary>Of the first template or map that fits, whose values are then set; null where none does.</summary>
    /// <param name="line">The message, which starts at <paramref name="start"/> of the record's bytes.</param>
    /// <param name="rest">The same behind its time.</param>
    public ReadyShape? Match(
        ReadOnlySpan<byte> line,
        int start,
        ReadOnlySpan<byte> rest,
        int restStart,
        LazyValues values,
        TimeReader times
    ) =>
        lines.Match(line, start, rest, restStart, values, times) is >= 0 and var template
            ? lineShapes[template]
            : MatchMap(values, times);

    ReadyShape? MatchMap(LazyValues values, TimeReader times)
    {
        if (maps.Length == 0 || mapMemo.Of(members, findMap) is not (>= 0 and var place))
            return null;
        maps[place].Map.Read(values, times);
        open.Read(values, times);
        var shape = maps[place].Shape;
        return severities?.Read() is { } severity ? shape.With(severity) : shape;
    }
}
