using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>What all folds of one correlator share.</summary>
/// <param name="InOrder">
/// Events come in their order, so what lies behind may be forgotten and absence can be certain.
/// </param>
sealed record FoldContext(Guid OrganisationId, CorrelatorLimits Limits, bool InOrder)
{
    /// <summary>Of one rule, for all partitions of its keys.</summary>
    public OnceStates Once { get; init; } = new(new Partitions(1), Limits.KeysMax);
}

/// <summary>One match before it is a hit.</summary>
/// <param name="End">The completing event; for an absence, the one that it is measured from.</param>
/// <param name="Steps">Its events by step, at most so many of the newest of each.</param>
sealed record CompletedMatch(
    RuleKey Key,
    MatchView View,
    DateTimeOffset First,
    DateTimeOffset Last,
    long Count,
    HeldEvent End,
    Func<int, IReadOnlyList<MatchStep>> Steps
)
{
    /// <summary>Where its window begins, for windows that do not end at an event of their own.</summary>
    public DateTimeOffset? Window { get; init; }
}

sealed record MatchStep(int Selector, bool Absent, IReadOnlyList<HeldEvent> Events);

/// <summary>One rule's state, folded match by match.</summary>
abstract class RuleFold(RulePlan plan, FoldContext context)
{
    protected RulePlan Plan => plan;

    protected FoldContext Context => context;

    public RuleDeclaration Rule => plan.Rule;

    public IEnumerable<string> SlotNames => plan.Matcher.SlotNames;

    /// <summary>Keys and events that had to be forgotten before their window was over.</summary>
    public long Dropped { get; protected set; }

    public abstract void Accept(in RuleMatch match, List<CorrelationHit> hits);

    /// <summary>The rule waits for something not to happen.</summary>
    public virtual bool HasTimers => false;

    /// <summary>When the next absence becomes certain, if nothing comes, and for which key.</summary>
    public virtual (DateTimeOffset Deadline, string Key)? NextTimer => null;

    /// <summary>The next absence is certain.</summary>
    public virtual void Fire(List<CorrelationHit> hits) { }

    public void Save(StateWriter state)
    {
        state.Write(Dropped);
        SaveState(state);
    }

    public void Restore(StateReader state)
    {
        Dropped = state.ReadLong();
        RestoreState(state);
    }

    protected abstract void SaveState(StateWriter state);

    protected abstract void RestoreState(StateReader state);

    protected void Raise(CompletedMatch match, List<CorrelationHit> hits)
    {
        var id = HitId(match);
        if (plan.ExceptionOf(match) is { } exception)
        {
            var meant = HitBuilder.Build(plan, match, id, id, true, context.Limits);
            hits.Add(meant with { Excepted = exception.Because });
            return;
        }
        var (suppressed, findingId) = FindingOf(match, id);
        hits.Add(HitBuilder.Build(plan, match, id, findingId, suppressed, context.Limits));
    }

    /// <summary>A match that its one event makes.</summary>
    protected void RaiseAlone(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        IReadOnlyList<HeldEvent> events = [held];
        Raise(
            new CompletedMatch(
                match.Key,
                new ListedMatch([events]),
                held.Time,
                held.Time,
                held.Weight,
                held,
                _ => [new MatchStep(0, false, events)]
            ),
            hits
        );
    }

    (bool Suppressed, Guid FindingId) FindingOf(CompletedMatch match, Guid hitId)
    {
        if (Rule.Once is not { } limit)
            return (false, FindingId(match, hitId));
        var key = plan.OnceKey(limit, match.Key, match.View);
        var once = context.Once.Of(key);
        if (context.InOrder)
            once.Forget(entry => match.Last - entry.Raised >= limit.In);
        if (once.Find(key.Text) is { } known && (match.Last - known.Raised).Duration() < limit.In)
            return (true, known.FindingId);
        once.Remove(key.Text);
        var entry = once.Touch(
            key,
            () => new OnceState(match.Last, FindingId(match, hitId)),
            out var dropped
        );
        if (dropped is not null)
            Dropped++;
        return (false, entry.FindingId);
    }

    // Named by where its window ends: rule version, key, and the completing event.
    Guid HitId(CompletedMatch match)
    {
        var content = new StringBuilder("hit ")
            .Append(context.OrganisationId)
            .Append(' ')
            .Append(Rule.Id)
            .Append(' ')
            .Append(match.Last.UtcTicks)
            .Append(' ')
            .Append(match.End.Head.Origin.SourceId)
            .Append(' ')
            .Append(match.End.Order.Position)
            .Append(' ')
            .Append(match.Key.Text);
        if (match.Window is { } window)
            content.Append(" window ").Append(window.UtcTicks);
        return DerivedId.From(match.Last, Encoding.UTF8.GetBytes(content.ToString()));
    }

    static Guid FindingId(CompletedMatch match, Guid hitId) =>
        DerivedId.From(match.Last, Encoding.UTF8.GetBytes($"finding {hitId}"));
}
