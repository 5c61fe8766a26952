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
    static readonly (string Name, Func<Command> Build)[] all =
    [
        ("demo", DemoCommand.Build),
        ("serve", ServeCommand.Build),
        ("migrate", MigrateCommand.Build),
        ("ingest", IngestCommand.Build),
        ("intake", ModuleCommand.Intake),
        ("search", SearchCommand.Build),
        ("detect", DetectCommand.Build),
        ("explain", ExplainCommand.Build),
        ("replay", ReplayCommand.Build),
        ("retention", RetentionCommand.Build),
        ("verify", VerifyCommand.Build),
        ("failures", FailuresCommand.Build),
        ("exceptions", ExceptionsCommand.Build),
        ("finding", FindingCommand.Build),
        ("case", CaseCommand.Build),
        ("task", TaskCommand.Build),
        ("approval", ApprovalCommand.Build),
        ("evidence", EvidenceCommand.Build),
        ("asset", AssetCommand.Build),
        ("connector", ConnectorCommand.Build),
        ("hold", HoldCommand.Build),
        ("figures", FiguresCommand.Build),
        ("user", UserCommand.Build),
        ("role", RoleCommand.Build),
        ("machine", MachineCommand.Build),
        ("delegation", DelegationCommand.Build),
        ("glass", GlassCommand.Build),
        ("policy", PolicyCommand.Build),
        ("workflow", WorkflowCommand.Build),
        ("bench", BenchCommand.Build),
    ];

    /// <summary>All, or only the one that is called: building every option of every command takes a while.</summary>
    public static RootCommand Commands(string? called = null)
    {
        var root = new RootCommand("From a log line to a sealed case.");
        foreach (var (name, build) in all)
            if (name == called || !Array.Exists(all, command => command.Name == called))
                root.Add(build());
        return root;
    }

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error
    )
    {
        var parsed = Commands(arguments.FirstOrDefault()).Parse(arguments);
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
