using System.CommandLine;
using System.Globalization;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;

namespace Sentinel.Cli.Commands;

/// <summary>Everything that is wrong with policies, and how much memory their rules can take.</summary>
static class PolicyCheckCommand
{
    public static Command Build()
    {
        var paths = PolicyFiles.Paths();
        var state = new Option<bool>("--state")
        {
            Description = "Also list the most that each rule can remember.",
        };
        var json = CommandResults.Json();
        var command = new Command("check", "Read policies and say everything that is wrong.")
        {
            paths,
            state,
            json,
        };
        command.SetAction(parsed =>
        {
            var texts = PolicyFiles.Read(parsed.GetValue(paths)!);
            var load = PolicyFiles.Load(texts);
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            IReadOnlyList<Diagnostic> problems = load switch
            {
                PolicyLoad.Rejected rejected => rejected.Diagnostics,
                PolicyLoad.Loaded known => known.Warnings,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            var states = load is PolicyLoad.Loaded loaded ? StatesOf(loaded.Policy, texts) : [];
            if (parsed.GetValue(json))
                output.WriteJson(
                    new
                    {
                        Files = texts.Count,
                        Diagnostics = problems,
                        States = states.Select(Shape),
                    }
                );
            else
            {
                if (problems.Count > 0)
                    error.WriteDiagnostics(problems, texts);
                if (parsed.GetValue(state))
                    Write(output, states);
                if (load is PolicyLoad.Loaded good)
                    output.WriteLine(Praise(texts.Count, good));
            }
            return load is PolicyLoad.Loaded ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }

    static IReadOnlyList<(RuleDeclaration Rule, StateBound Bound)> StatesOf(
        Policy policy,
        IReadOnlyList<PolicyText> texts
    )
    {
        var given = texts.Select(text => text.Sha256).ToHashSet();
        return
        [
            .. policy
                .Rules.Where(rule => given.Contains(rule.Text.Sha256))
                .Select(rule => (rule, StateBound.Of(rule, policy.Fields)))
                .OrderByDescending(state => state.Item2.Bytes),
        ];
    }

    static object Shape((RuleDeclaration Rule, StateBound Bound) state) =>
        new
        {
            Rule = state.Rule.Name,
            state.Rule.Text.Path,
            state.Bound.Keys,
            state.Bound.EventsPerKey,
            state.Bound.BytesPerEvent,
            state.Bound.BytesPerKey,
            state.Bound.Bytes,
        };

    static void Write(
        TextWriter output,
        IReadOnlyList<(RuleDeclaration Rule, StateBound Bound)> states
    )
    {
        output.WriteLine(
            $"The most that each rule can remember, with values of {StateBound.ValueBytes} bytes; "
                + "beyond that the oldest is forgotten, counted, and told by a finding:"
        );
        foreach (var (rule, bound) in states)
            output.WriteLine(
                bound.Keys == 0
                    ? $"  {rule.Name}: nothing"
                    : $"  {rule.Name}: {Number(bound.Keys)} keys of {Number(bound.BytesPerKey)} bytes"
                        + (
                            bound.EventsPerKey == 0
                                ? ""
                                : $", each {Number(bound.EventsPerKey)} events of "
                                    + $"{Number(bound.BytesPerEvent)} bytes"
                        )
                        + $" = {Size(bound.Bytes)}"
            );
    }

    static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    static string Size(long bytes) =>
        bytes switch
        {
            >= 1L << 40 => $"{Units(bytes, 40)} TiB",
            >= 1L << 30 => $"{Units(bytes, 30)} GiB",
            _ => $"{Units(bytes, 20)} MiB",
        };

    static string Units(long bytes, int bits) =>
        ((double)bytes / (1L << bits)).ToString("0.#", CultureInfo.InvariantCulture);

    static string Praise(int files, PolicyLoad.Loaded load) =>
        $"{PolicyFiles.Count(files)}: {load.Policy.Sources.Count} sources, {load.Policy.Rules.Count} rules, "
        + $"{load.Policy.Escalations.Count} escalations, {load.Policy.Slas.Count} slas, "
        + $"{load.Policy.Lists.Count} lists; "
        + (load.Warnings.Count == 0 ? "nothing is wrong." : $"{load.Warnings.Count} warnings.");
}
