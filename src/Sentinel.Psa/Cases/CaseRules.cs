using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

static class CaseRules
{
    public static RuleRefusal? Step(Case found, CaseTrigger trigger, Actor by) =>
        CaseMachine.Next(found.Status, trigger, by.Kind) is not null ? null
        : found.Status == CaseState.Closed
            ? new RuleRefusal(
                "case.closed_is_final",
                "a closed case never changes again",
                "open a follow-on case that is linked to it"
            )
        : new RuleRefusal(
            "case.arrow",
            $"a case that is {found.Status.Word()} cannot be asked to {trigger.Word()}",
            $"it first has to become {Before(trigger).Word()}"
        );

    static CaseState Before(CaseTrigger trigger) =>
        trigger switch
        {
            CaseTrigger.Take => CaseState.Open,
            CaseTrigger.Resolve => CaseState.InProgress,
            CaseTrigger.Close => CaseState.Resolved,
        };
}
