using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

static class TaskRules
{
    public static RuleRefusal? Step(CaseTask task, CaseTaskTrigger trigger, Actor by) =>
        CaseTaskMachine.Next(task.Status, trigger, by.Kind) is null
            ? new RuleRefusal(
                "task.arrow",
                $"a task that is {task.Status.Word()} cannot be asked to {trigger.Word()}",
                "nobody: the machine has no such arrow"
            )
            : null;

    public static RuleRefusal? Assignee(CaseTask task, Actor actor) =>
        actor.Kind switch
        {
            ActorKind.Person
                when task.AssignedTo is { } owner
                    && owner != actor.Id
                    && owner != actor.OnBehalfOf => new RuleRefusal(
                "task.not_assigned",
                "the task is assigned to somebody else",
                "its assignee; or assign the task first"
            ),
            ActorKind.Machine when task.AssignedTo is not null => new RuleRefusal(
                "task.not_assigned",
                "the task is assigned to a person",
                "its assignee, under their own credential"
            ),
            _ => null,
        };
}
