using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Store;

namespace Sentinel.Cli.Commands;

/// <summary>What was published when, and what changed between two versions.</summary>
static class PolicyHistoryCommand
{
    public static Command History()
    {
        var path = new Argument<string?>("PATH")
        {
            Description = "Of a policy as it was published; all without it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = CommandResults.Json();
        var command = new Command("history", "List published versions, the latest first.")
        {
            path,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var versions = await ReadAsync(parsed.GetValue(path), cancellation);
                var output = parsed.InvocationConfiguration.Output;
                foreach (var version in versions)
                    if (parsed.GetValue(json))
                        output.WriteJson(Shape(version));
                    else
                        output.WriteLine(
                            $"{version.Id}  {version.Text.Path} version {version.Version}, "
                                + $"{State(version)}, {version.CreatedAt:u} by {version.Author}"
                                + Because(version)
                        );
                return versions.Count > 0 || parsed.GetValue(path) is null
                    ? ExitCodes.Yes
                    : parsed.InvocationConfiguration.Error.Refuse(
                        $"no version of {parsed.GetValue(path)} was ever published"
                    );
            }
        );
        return command;
    }

    public static Command Diff()
    {
        var path = new Argument<string>("PATH")
        {
            Description = "Of a policy as it was published.",
        };
        var from = new Option<int?>("--from") { Description = "A version; else the active one." };
        var to = new Option<int?>("--to") { Description = "A version; else the latest." };
        var command = new Command("diff", "Show what changed between two published versions.")
        {
            path,
            from,
            to,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var versions = await ReadAsync(parsed.GetValue(path), cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                if (versions.Count == 0)
                    return error.Refuse($"no version of {parsed.GetValue(path)} was published");
                var before = Find(
                    versions,
                    parsed.GetValue(from),
                    versions.FirstOrDefault(v => v.Active)
                );
                var after = Find(versions, parsed.GetValue(to), versions[0]);
                if (before is null || after is null)
                    return error.Refuse(
                        $"{parsed.GetValue(path)} has the versions "
                            + $"{string.Join(", ", versions.Select(v => v.Version).Order())}"
                            + (versions.Any(v => v.Active) ? "" : ", of which none is active")
                    );
                output.WriteLine($"--- version {before.Version}, {State(before)}");
                output.WriteLine($"+++ version {after.Version}, {State(after)}");
                foreach (
                    var line in LineDiff.Changes(LineDiff.Of(before.Text.Text, after.Text.Text))
                )
                    output.WriteLine(line);
                return ExitCodes.Yes;
            }
        );
        return command;
    }

    public static Command Show()
    {
        var named = new Argument<string>("VERSION")
        {
            Description = "The SHA-256 that a finding or a case names, or the id of a version.",
        };
        var command = new Command("show", "Print the text of any version, active or not.")
        {
            named,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var name = parsed.GetValue(named)!;
                var version = (await ReadAsync(null, cancellation)).FirstOrDefault(v =>
                    v.Text.Sha256 == name || v.Id.ToString() == name
                );
                if (version is null)
                    return parsed.InvocationConfiguration.Error.Refuse(
                        $"no version {name} was ever published"
                    );
                parsed.InvocationConfiguration.Output.Write(version.Text.Text);
                return ExitCodes.Yes;
            }
        );
        return command;
    }

    static PolicyVersion? Find(
        IReadOnlyList<PolicyVersion> versions,
        int? number,
        PolicyVersion? otherwise
    ) => number is null ? otherwise : versions.FirstOrDefault(v => v.Version == number);

    static async Task<IReadOnlyList<PolicyVersion>> ReadAsync(
        string? path,
        CancellationToken cancellation
    )
    {
        await using var session = await CommandSession.OpenAsync(cancellation);
        return await session.Use<ReadPolicyHistory>().RunAsync(session.Secret, path, cancellation);
    }

    static string State(PolicyVersion version) =>
        version.Active ? "active"
        : version.Approved ? "replaced"
        : "waits for approval";

    static string Because(PolicyVersion version) =>
        (version.Reason is { } why ? $": {why}" : "")
        + (
            version.ApprovalMade is { } approval
                ? $"; approved {approval.ApprovedAt:u} by {approval.Approver}: {approval.Reason}"
                : ""
        );

    static object Shape(PolicyVersion version) =>
        new
        {
            version.Id,
            version.Text.Path,
            version.Version,
            version.Text.Sha256,
            State = State(version),
            version.Author,
            version.CreatedAt,
            version.Reason,
            version.LogicSha256,
            version.ApprovalMade,
        };
}
