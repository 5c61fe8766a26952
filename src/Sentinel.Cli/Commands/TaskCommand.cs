using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Tasks;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>The work in cases, piece by piece.</summary>
static class TaskCommand
{
    public static Command Build() =>
        new("task", "Work on tasks: list, add, start, record, ask, complete, cancel.")
        {
            List(),
            Show(),
            Add(),
            Assign(),
            Start(),
            Act(),
            ConnectorCommand.Ask(),
            Complete(),
            Cancel(),
        };

    static Command List()
    {
        var mine = new Option<bool>("--mine") { Description = "Those that are assigned to you." };
        var open = new Option<bool>("--open") { Description = "Those that are not ended." };
        return CaseworkCommands.Build(
            "list",
            "List tasks over all cases, the newest first.",
            [mine, open],
            async asked =>
            {
                var outcome = await asked
                    .Use<ListTasks>()
                    .RunAsync(
                        asked.Secret,
                        new TaskFilter(asked.Get(mine), asked.Get(open)),
                        null,
                        asked.Cancellation
                    );
                return asked.SayAll(outcome, Line, "No such task.");
            }
        );
    }

    static Command Show()
    {
        var id = CommandResults.Id("The task's id.");
        return CaseworkCommands.Build(
            "show",
            "Show a task and exactly what was done in it.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<ShowTask>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    told =>
                        string.Join(
                            '\n',
                            told.Actions.Select(action =>
                                    $"  {action.PerformedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}  "
                                    + $"{action.ActionType}: {CaseText.Printable(action.Description)}"
                                )
                                .Prepend(Line(told.Task))
                        )
                )
        );
    }

    static Command Add()
    {
        var type = Words("TYPE", "One word, such as investigation or remediation.");
        var description = Words("DESCRIPTION", "What is to be done.");
        var to = Text("--to", "Whose it is: an address, an id, or me.");
        return OnCase(
            "add",
            "Add a task to a case.",
            [type, description, to],
            (asked, caseId) =>
                asked.WithPersonAsync(
                    asked.Get(to),
                    async person =>
                        asked.Say(
                            await asked
                                .Use<CreateTask>()
                                .RunAsync(
                                    asked.Secret,
                                    caseId,
                                    asked.Get(type)!,
                                    asked.Get(description)!,
                                    person,
                                    asked.Cancellation
                                ),
                            Line
                        )
                )
        );
    }

    static Command Assign()
    {
        var id = CommandResults.Id("The task's id.");
        var to = new Option<string>("--to")
        {
            Description = "An address, an id, or me.",
            Required = true,
        };
        return CaseworkCommands.Build(
            "assign",
            "Give a task to somebody.",
            [id, to],
            asked =>
                asked.WithPersonAsync(
                    asked.Get(to),
                    async person =>
                        asked.Say(
                            await asked
                                .Use<AssignTask>()
                                .RunAsync(
                                    asked.Secret,
                                    asked.Get(id),
                                    person!.Value,
                                    asked.Cancellation
                                ),
                            Line
                        )
                )
        );
    }

    static Command Start()
    {
        var id = CommandResults.Id("The task's id.");
        return CaseworkCommands.Build(
            "start",
            "Begin a task; an unassigned one is yours from then on.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<StartTask>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    Line
                )
        );
    }

    static Command Act()
    {
        var id = CommandResults.Id("The task's id.");
        var type = Words("ACTION", "One word, such as called or reset_password.");
        var description = Words("DESCRIPTION", "What was done, exactly.");
        return CaseworkCommands.Build(
            "act",
            "Record a step that was taken.",
            [id, type, description],
            async asked =>
                asked.Say(
                    await asked
                        .Use<RecordTaskAction>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(type)!,
                            asked.Get(description)!,
                            asked.Cancellation
                        ),
                    action => $"Recorded: {action.ActionType}."
                )
        );
    }

    static Command Complete()
    {
        var id = CommandResults.Id("The task's id.");
        var result = Text("--result", "What came of it.");
        return CaseworkCommands.Build(
            "complete",
            "Declare a task of yours done.",
            [id, result],
            async asked =>
                asked.Say(
                    await asked
                        .Use<CompleteTask>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(result),
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static Command Cancel()
    {
        var id = CommandResults.Id("The task's id.");
        var reason = Reason();
        return CaseworkCommands.Build(
            "cancel",
            "Set a task aside for good.",
            [id, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<CancelTask>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static string Line(CaseTask task) =>
        $"{task.Id}  {task.Status.ToString().ToLowerInvariant(), -9} {task.TaskType}: "
        + CaseText.Printable(task.Description)
        + (task.Result is { } result ? $" ({CaseText.Printable(result)})" : "");
}
