namespace Sentinel.Siem.Correlation;

/// <summary>Each matching event is a match of its own.</summary>
sealed class SingleFold(RulePlan plan, FoldContext context) : RuleFold(plan, context)
{
    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
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

    protected override void SaveState(StateWriter state) { }

    protected override void RestoreState(StateReader state) { }
}
