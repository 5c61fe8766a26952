using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Hits as other rules see them: an event of the category <c>hit</c>, and one of the category <c>risk</c>
/// for each thing to whose risk the hit adds. They come right after what completed them.
/// </summary>
sealed class HitChain
{
    readonly Guid organisationId;
    readonly int fieldsCount;
    readonly Func<string, int> ordinalOf;
    readonly RuleMatcher[] takers;
    DateTimeOffset latest;
    int rank;

    public HitChain(FieldTable fields, IReadOnlyList<RuleMatcher> rules, Guid organisationId)
    {
        this.organisationId = organisationId;
        fieldsCount = fields.Count;
        ordinalOf = name => fields.Find(name)!.Ordinal;
        takers = [.. rules.Where(r => r.Rule.Pattern.TakesHits)];
    }

    /// <summary>Adds what rules take of the hit, in the order of the rules.</summary>
    public void Match(CorrelationHit hit, List<RuleMatch> matches)
    {
        if (hit.Source is not { } source)
            return;
        Match(new SeenHit(hit, 0, Chaining.Hit, hit.RuleName, null, Values(hit, source)), matches);
        for (var i = 0; i < source.Risks.Count; i++)
        {
            var (line, value) = source.Risks[i];
            var values = Values(hit, source);
            values[ordinalOf("category")] = Chaining.Risk;
            values[ordinalOf("type")] = line.Entity.Name;
            values[ordinalOf("risk")] = (long)line.Points;
            values[line.Entity.Ordinal] = value;
            Match(
                new SeenHit(hit, i + 1, Chaining.Risk, line.Entity.Name, line.Points, values),
                matches
            );
        }
    }

    void Match(SeenHit seen, List<RuleMatch> matches)
    {
        var order = Next(seen.Hit, seen.Place);
        foreach (var rule in takers)
        {
            HeldEvent? held = null;
            var first = matches.Count;
            for (var i = 0; i < rule.Selectors.Count; i++)
            {
                var selector = rule.Selectors[i];
                if (!seen.IsFor(selector) || !selector.Conditions.All(c => c.Holds(seen)))
                    continue;
                if (rule.KeyOf(i, seen) is not { } key)
                    continue;
                held ??= Hold(rule, seen, order);
                matches.Add(new RuleMatch(rule.Index, i, key, held));
            }
            RuleMatcher.MarkMore(matches, first);
        }
    }

    // Behind the event that completed the hit; a hit that time completed comes before that moment's events.
    EventOrder Next(CorrelationHit hit, int place)
    {
        rank = hit.Last == latest ? rank + 1 : 1;
        latest = hit.Last;
        var name = Encoding.UTF8.GetBytes($"hit {hit.Id} {place}");
        var position = new KnownPosition(Digest.Of(name));
        var end = hit.Source!.End;
        return end.Time == hit.Last
            ? new EventOrder(hit.Last, end.InputKey, end.Index, position, rank)
            : new EventOrder(hit.Last, "", 0, position, rank);
    }

    HeldEvent Hold(RuleMatcher rule, SeenHit seen, EventOrder order)
    {
        var hit = seen.Hit;
        return new HeldEvent(
            new HeldHead(
                order,
                new HeldOrigin(organisationId, Guid.Empty, 0),
                hit.Last,
                0,
                1,
                null,
                hit.IncludesLate
            ),
            new(rule.ValuesOf(seen)),
            new HeldHit(new HitCause(hit.Id, hit.RuleName, seen.Risk), hit.Events, hit.AssetIds)
        );
    }

    object?[] Values(CorrelationHit hit, HitSource source)
    {
        var values = new object?[fieldsCount];
        foreach (var (field, value) in source.Values)
            values[field.Ordinal] = value;
        values[ordinalOf("category")] = Chaining.Hit;
        values[ordinalOf("type")] = hit.RuleName;
        values[ordinalOf("rule")] = hit.RuleName;
        values[ordinalOf("severity")] = (long)hit.Severity;
        values[ordinalOf("confidence")] = (long)hit.Confidence;
        values[ordinalOf("event_time")] = hit.Last;
        values[ordinalOf("message")] = hit.Message;
        return values;
    }

    public void Save(StateWriter state)
    {
        state.Write(latest);
        state.Write(rank);
    }

    public void Restore(StateReader state)
    {
        latest = state.ReadTime();
        rank = state.ReadInt();
    }
}

/// <summary>What a hit hands on to rules that take it.</summary>
/// <param name="End">Of its completing event.</param>
sealed record HitSource(
    EventOrder End,
    IReadOnlyList<(Field Field, object Value)> Values,
    IReadOnlyList<(RiskLine Line, object Value)> Risks
);

/// <summary>A hit as an event.</summary>
/// <param name="place">0, and for the risk that it adds the place of the line from 1.</param>
sealed class SeenHit(
    CorrelationHit hit,
    int place,
    string category,
    string type,
    int? risk,
    object?[] values
) : IFieldValues
{
    public CorrelationHit Hit => hit;

    public int Place => place;

    public int? Risk => risk;

    public object? this[int ordinal] => ordinal < values.Length ? values[ordinal] : null;

    public IEnumerable<object> Everything => values.OfType<object>();

    public bool IsFor(EventSelector selector) =>
        selector.Category == category
        && (category == Chaining.Hit ? selector.HitsOf.Contains(type) : selector.Type == type);
}
