using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies;
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
            Publish(),
            Approve(),
            PolicyHistoryCommand.History(),
            PolicyHistoryCommand.Diff(),
            PolicyBacktestCommand.Build(),
        };

    static Command Publish()
    {
        var paths = PolicyFiles.Paths();
        var json = CommandResults.Json();
        var command = new Command(
            "publish",
            "Publish changed files; a second person approves them."
        )
        {
            paths,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var texts = PolicyFiles.Read(parsed.GetValue(paths)!);
                if (FirstFailure(texts, parsed.GetValue(paths)!) is { } failed)
                    return parsed.InvocationConfiguration.Error.Refuse(
                        $"{failed.Path}: the test \"{failed.Test}\" of {failed.Rule} fails, and only "
                            + "policies with green tests are published: 'policy test' says why"
                    );
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<PublishPolicies>()
                    .RunAsync(session.Secret, texts, cancellation);
                return Say(parsed, outcome, texts, parsed.GetValue(json));
            }
        );
        return command;
    }

    /// <summary>Texts that cannot be read have no tests: publishing says what is wrong with them.</summary>
    static PolicyTestResult? FirstFailure(
        IReadOnlyList<PolicyText> texts,
        IReadOnlyList<string> paths
    )
    {
        if (PolicyFiles.Load(texts) is not PolicyLoad.Loaded { Policy: var policy })
            return null;
        var given = texts.Select(text => text.Sha256).ToHashSet();
        return new TestPolicies(samples: PolicyFiles.Samples(paths))
            .Report(policy, [.. policy.Rules.Where(r => given.Contains(r.Text.Sha256))])
            .Results.FirstOrDefault(result => !result.Passed);
    }

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
                            $"{version.Id}  {version.Text.Path} version {version.Version}"
                        );
                    output.WriteLine(
                        $"{published.Versions.Count} to approve, {published.Unchanged.Count} unchanged."
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

    static Command Approve()
    {
        var ids = new Argument<Guid[]>("ID")
        {
            Description = "Of versions, as publish printed them; all are approved or none.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("approve", "Approve versions that somebody else published.")
        {
            ids,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ApprovePolicies>()
                    .RunAsync(session.Secret, parsed.GetValue(ids)!, cancellation);
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
