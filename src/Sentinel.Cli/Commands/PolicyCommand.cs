using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Commands;

/// <summary>The policy tool chain: text in, diagnostics or versions out.</summary>
static class PolicyCommand
{
    public static Command Build() =>
        new("policy", "Check, format, test, try, publish and approve policies.")
        {
            PolicyCheckCommand.Build(),
            PolicyFormatCommand.Build(),
            PolicyTestCommand.Build(),
            ImportSigmaCommand.Build(),
            ImportHolidaysCommand.Build(),
            ImportListCommand.Build(),
            Publish(),
            Approve(),
            Revert(),
            PolicyHistoryCommand.Show(),
            PolicyHistoryCommand.History(),
            PolicyHistoryCommand.Diff(),
            PolicyBacktestCommand.Build(),
        };

    static Command Publish()
    {
        var paths = PolicyFiles.Paths();
        var reason = Reason();
        var whole = new Option<bool>("--whole")
        {
            Description = "They are all there is: what is active and not among them is withdrawn.",
        };
        var json = CommandResults.Json();
        var command = new Command(
            "publish",
            "Publish changed files; a second person approves them."
        )
        {
            paths,
            reason,
            whole,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var texts = PolicyFiles.Read(parsed.GetValue(paths)!);
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<PublishPolicies>()
                    .RunAsync(
                        session.Secret,
                        new Publication(texts, parsed.GetValue(reason), parsed.GetValue(whole))
                        {
                            Tests = new PublicationTests(
                                PolicyFiles.Samples(parsed.GetValue(paths)!)
                            ),
                        },
                        cancellation
                    );
                return Say(parsed, outcome, texts, parsed.GetValue(json));
            }
        );
        return command;
    }

    static Command Revert()
    {
        var path = new Argument<string>("PATH")
        {
            Description = "Of a policy as it was published.",
        };
        var to = new Option<int?>("--to")
        {
            Description = "A version; else the last that was approved before the active one.",
        };
        var reason = Reason();
        var json = CommandResults.Json();
        var command = new Command(
            "revert",
            "Publish an older text again; a second person approves it."
        )
        {
            path,
            to,
            reason,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<RevertPolicy>()
                    .RunAsync(
                        session.Secret,
                        parsed.GetValue(path)!,
                        parsed.GetValue(to),
                        parsed.GetValue(reason),
                        cancellation
                    );
                return Say(parsed, outcome, [], parsed.GetValue(json));
            }
        );
        return command;
    }

    static Option<string> Reason() =>
        new("--reason") { Description = "Why; it is kept with the version.", Required = true };

    static int Say(
        ParseResult parsed,
        PublishPoliciesOutcome outcome,
        IReadOnlyList<PolicyText> texts,
        bool json
    )
    {
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        switch (outcome)
        {
            case PublishPoliciesOutcome.Published published:
                if (json)
                    output.WriteJson(published);
                else
                {
                    foreach (var version in published.Versions)
                        output.WriteLine(
                            $"{version.Id}  {version.Text.Path} version {version.Version}, "
                                + Change(published, version.Text.Path)
                        );
                    output.WriteLine(
                        $"{published.Versions.Count} to approve: {published.Added.Count} added, "
                            + $"{published.Changed.Count} changed, {published.Withdrawn.Count} "
                            + $"withdrawn; {published.Unchanged.Count} unchanged."
                    );
                }
                return ExitCodes.Yes;
            case PublishPoliciesOutcome.Rejected rejected:
                error.WriteDiagnostics(rejected.Diagnostics, texts);
                return ExitCodes.No;
            case PublishPoliciesOutcome.Refused refused:
                return error.Refuse(refused.Reason);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static string Change(PublishPoliciesOutcome.Published published, string path) =>
        published.Withdrawn.Contains(path) ? "withdrawn"
        : published.Added.Contains(path) ? "added"
        : "changed";

    static Command Approve()
    {
        var ids = new Argument<Guid[]>("ID")
        {
            Description = "Of versions, as publish printed them; all are approved or none.",
            Arity = ArgumentArity.OneOrMore,
        };
        var reason = Reason();
        var samples = new Option<string[]>("--samples")
        {
            Description = "Where the files lie that its tests name.",
        };
        var command = new Command("approve", "Approve versions that somebody else published.")
        {
            ids,
            reason,
            samples,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ApprovePolicies>()
                    .RunAsync(
                        session.Secret,
                        parsed.GetValue(ids)!,
                        parsed.GetValue(reason),
                        cancellation,
                        parsed.GetValue(samples) is { Length: > 0 } named
                            ? new PublicationTests(PolicyFiles.Samples(named))
                            : null
                    );
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                switch (outcome)
                {
                    case ApprovePoliciesOutcome.Approved approved:
                        foreach (var version in approved.Versions)
                            output.WriteLine(
                                $"{version.Text.Path} version {version.Version} is active."
                            );
                        return ExitCodes.Yes;
                    case ApprovePoliciesOutcome.NotFound missing:
                        return error.Refuse($"there is no version {missing.VersionId}");
                    case ApprovePoliciesOutcome.Rejected rejected:
                        error.WriteDiagnostics(rejected.Diagnostics, []);
                        return ExitCodes.No;
                    case ApprovePoliciesOutcome.Refused refused:
                        return error.Refuse(refused.Reason);
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        );
        return command;
    }
}
