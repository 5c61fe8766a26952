using System.CommandLine;
using Sentinel.Cli.Benchmarks;
using Sentinel.Cli.Output;

namespace Sentinel.Cli.Commands;

/// <summary>The performance figures, as JSON with the machine, the inputs and the ratios.</summary>
static class BenchCommand
{
    const int LinesDefault = 1_000_000;
    const int EventsDefault = 1_000_000;
    const int SeedDefault = 20_261_125;
    const int RunsDefault = 3;

    public static Command Build() =>
        new("bench", "Measure this machine; a speed is printed only where the result was right.")
        {
            BuildDetect(),
            BuildCasework(),
            BuildWorkflow(),
        };

    static Command BuildDetect()
    {
        var lines = Number("--lines", LinesDefault, "How many lines of an SSH server.");
        var events = Number("--events", EventsDefault, "How many Windows events, at least.");
        var seed = Number("--seed", SeedDefault, "What the inputs are drawn by.");
        var runs = Number("--runs", RunsDefault, "Of how many runs the median is taken.");
        var only = new Option<string[]>("--only")
        {
            Description = "ssh, windows, keys or start; may be given again.",
        };
        only.AcceptOnlyFromAmong(BenchDetect.Parts);
        var plots = new Option<string?>("--plots")
        {
            Description =
                "A folder: draw throughput against rules, keys, partitions and batch size.",
        };
        var command = new Command("detect", "Text to hit: SSH, Windows rules, keys, start-up.")
        {
            lines,
            events,
            seed,
            runs,
            only,
            plots,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var bench = new BenchDetect
                {
                    Lines = parsed.GetValue(lines),
                    Events = parsed.GetValue(events),
                    Seed = parsed.GetValue(seed),
                    Runs = Math.Max(1, parsed.GetValue(runs)),
                    Plots = parsed.GetValue(plots),
                    Only = parsed.GetValue(only) is { Length: > 0 } some ? some : BenchDetect.Parts,
                };
                var report = await bench.RunAsync(cancellation);
                parsed.InvocationConfiguration.Output.WriteJson(report);
                return report.Failures.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
            }
        );
        return command;
    }

    static Command BuildCasework()
    {
        var cases = new Option<int[]>("--cases")
        {
            Description = "How many cases there are; may be given again.",
            DefaultValueFactory = _ => [1000, LinesDefault],
        };
        var transitions = Number("--transitions", 2000, "How many are measured at each size.");
        var rows = Number("--rows", LinesDefault, "Audit rows under the tree.");
        var only = new Option<string[]>("--only")
        {
            Description = "transitions, tree or verify; may be given again.",
        };
        only.AcceptOnlyFromAmong(BenchCasework.Parts);
        var command = new Command("casework", "Transitions, the tree over the log, verification.")
        {
            cases,
            transitions,
            rows,
            only,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var bench = new BenchCasework
                {
                    Cases = parsed.GetValue(cases)!,
                    Transitions = Math.Max(1, parsed.GetValue(transitions)),
                    Rows = Math.Max(1, parsed.GetValue(rows)),
                    Only = parsed.GetValue(only) is { Length: > 0 } some
                        ? some
                        : BenchCasework.Parts,
                };
                var report = await bench.RunAsync(cancellation);
                parsed.InvocationConfiguration.Output.WriteJson(report);
                return report.Failures.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
            }
        );
        return command;
    }

    static Command BuildWorkflow()
    {
        var instances = Number("--instances", 2000, "How many are started, and how many answered.");
        var finished = Number("--finished", 100_000, "Finished instances that lie beside them.");
        var waiting = Number("--waiting", 10_000, "Waiting instances that lie beside them.");
        var command = new Command(
            "workflow",
            "Durable instances and answers to waiting ones, on empty tables and beside many."
        )
        {
            instances,
            finished,
            waiting,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var report = await new BenchWorkflow
                {
                    Instances = Math.Max(1, parsed.GetValue(instances)),
                    Finished = Math.Max(0, parsed.GetValue(finished)),
                    Waiting = Math.Max(0, parsed.GetValue(waiting)),
                }.RunAsync(cancellation);
                parsed.InvocationConfiguration.Output.WriteJson(report);
                return report.Failures.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
            }
        );
        return command;
    }

    static Option<int> Number(string name, int value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
