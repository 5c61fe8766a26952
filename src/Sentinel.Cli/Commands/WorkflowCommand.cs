using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Psa.Automation;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Publication;
using Sentinel.Workflows.Recordings;

namespace Sentinel.Cli.Commands;

/// <summary>Elsa 3 definitions, on our executor.</summary>
static class WorkflowCommand
{
    internal static ActivityCatalogue Activities => CaseActivities.Catalogue(TimeProvider.System);

    public static Command Build() =>
        new(
            "workflow",
            "Check, simulate, compare and publish Elsa 3 definitions, and see what runs."
        )
        {
            Validate(),
            WorkflowTextCommand.Format(),
            WorkflowTextCommand.Compare(),
            WorkflowRunCommand.Build(),
            Case(),
            WorkflowPublishCommand.Publish(),
            WorkflowPublishCommand.Approve(),
            WorkflowStartCommand.Start(),
            WorkflowStartCommand.Raise(),
            WorkflowListCommand.All(),
            WorkflowListCommand.Show(),
            WorkflowListCommand.Retry(),
            WorkflowListCommand.Migrate(),
            WorkflowListCommand.Cancel(),
        };

    static Command Validate()
    {
        var files = Files("Elsa 3 definition JSON.");
        var json = CommandResults.Json();
        var command = new Command(
            "validate",
            "Say what keeps a definition from being published: its form, its drawing, its tests."
        )
        {
            files,
            json,
        };
        command.SetAction(parsed =>
        {
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            var wrong = 0;
            foreach (var file in parsed.GetValue(files)!)
            {
                var examined = new ExamineWorkflow(Activities).Run(File.ReadAllText(file));
                var problems = examined.Problems.Select(problem => problem.ToString()).ToList();
                wrong += problems.Count > 0 ? 1 : 0;
                if (parsed.GetValue(json))
                    output.WriteJson(
                        new
                        {
                            File = file,
                            Valid = problems.Count == 0,
                            Problems = problems,
                            Tests = examined.Tests.Count,
                        }
                    );
                else if (problems.Count == 0)
                    output.WriteLine($"{file} can be published: {Tests(examined.Tests.Count)}.");
                else
                    foreach (var problem in problems)
                        error.WriteLine($"{file}: {problem}");
            }
            return wrong == 0 ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }

    static string Tests(int count) =>
        count switch
        {
            0 => "it carries no tests",
            1 => "its test is green",
            _ => $"its {count} tests are green",
        };

    static Command Case()
    {
        var files = Files("Definition, steps and what is expected.");
        var json = CommandResults.Json();
        var command = new Command("case", "Run recorded cases in virtual time and compare.")
        {
            files,
            json,
        };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var run = new RunWorkflowCase(Activities);
            var (cases, same, refused, different) = (0, 0, 0, 0);
            foreach (var file in parsed.GetValue(files)!)
            {
                var result = Run(run, file);
                cases++;
                same += result.Same ? 1 : 0;
                refused += result.Refused is null ? 0 : 1;
                different += result.Same || result.Refused is not null ? 0 : 1;
                if (parsed.GetValue(json))
                    output.WriteLine(result.ToJson());
                else if (!result.Same)
                    output.WriteLine(
                        $"{result.Name}: "
                            + (result.Refused ?? string.Join("; ", result.Differences))
                    );
            }
            if (parsed.GetValue(json))
                output.WriteJson(
                    new
                    {
                        Kind = "summary",
                        Cases = cases,
                        Same = same,
                        Refused = refused,
                        Different = different,
                    }
                );
            else
                output.WriteLine(
                    $"{cases} cases: {same} the same, {refused} refused, {different} different."
                );
            return different == 0 ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }

    static WorkflowCaseResult Run(RunWorkflowCase run, string file)
    {
        try
        {
            return run.Run(File.ReadAllText(file));
        }
        catch (FormatException unreadable)
        {
            throw new WrongUsageException($"{file}: {unreadable.Message}");
        }
    }

    static Argument<string[]> Files(string description) =>
        new("FILE") { Description = description, Arity = ArgumentArity.OneOrMore };
}
