using System.CommandLine;
using Sentinel.Cli.Commands;
using Sentinel.Cli.Output;
using Serilog;

namespace Sentinel.Cli;

/// <summary>
/// Every command, and what a script can rely on: 0 is yes, 1 is no, 2 is wrong usage, and an error is
/// one sentence on standard error, never a stack trace.
/// </summary>
static class CommandTable
{
    public static RootCommand Commands() =>
        new("From a log line to a sealed case.")
        {
            DemoCommand.Build(),
            ServeCommand.Build(),
            MigrateCommand.Build(),
            IngestCommand.Build(),
            ModuleCommand.Intake(),
            SearchCommand.Build(),
            DetectCommand.Build(),
            ExplainCommand.Build(),
            ReplayCommand.Build(),
            RetentionCommand.Build(),
            VerifyCommand.Build(),
            FailuresCommand.Build(),
            ExceptionsCommand.Build(),
            CaseCommand.Build(),
            TaskCommand.Build(),
            FiguresCommand.Build(),
            PolicyCommand.Build(),
            WorkflowCommand.Build(),
            BenchCommand.Build(),
        };

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error
    )
    {
        var parsed = Commands().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var what = parsed.UnmatchedTokens is [var unknown, ..]
                ? $"'{unknown}' is not something that './sentinel{Path(parsed)}' takes"
                : parsed.Errors[0].Message;
            error.WriteLine($"{Sentence(what)} See './sentinel{Path(parsed)} --help'.");
            return ExitCodes.WrongUsage;
        }
        try
        {
            var exitCode = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                }
            );
            await Log.CloseAndFlushAsync();
            return exitCode;
        }
        catch (Exception failure)
        {
            error.WriteLine(FailureText.Sentence(failure));
            // The sentence is for people; how it came about is in the log, if a command opened one.
            Log.Error(failure, "The command failed");
            await Log.CloseAndFlushAsync();
            return failure is WrongUsageException ? ExitCodes.WrongUsage : ExitCodes.No;
        }
    }

    static string Sentence(string message) => message.TrimEnd('.', ' ') + ".";

    static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (
            var at = parsed.CommandResult;
            at.Parent is System.CommandLine.Parsing.CommandResult above;
            at = above
        )
            names.Insert(0, at.Command.Name);
        return string.Concat(names.Select(name => " " + name));
    }
}
