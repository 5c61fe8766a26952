namespace Sentinel.Siem.Correlation;

/// <summary>Each matching event is a match of its own.</summary>
sealed class SingleFold(RulePlan plan, FoldContext context) : RuleFold(plan, context)
{
    public override void Accept(in RuleMatch match, List<CorrelationHit> hits) =>
        RaiseAlone(match, hits);

    protected override void SaveState(StateWriter state) { }

    protected override void RestoreState(StateReader state) { }
}
