using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Psa.Bundles;
using Sentinel.Psa.Stories;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>A case's story on paper, and the bundle that proves it elsewhere.</summary>
static class CaseStoryCommand
{
    public static Command Timeline()
    {
        var asOf = FiguresCommand.AsOf();
        var html = new Option<bool>("--html") { Description = "One page that prints well." };
        return OnCase(
            "timeline",
            "Tell the full story from the audit log, now or as of any moment.",
            [asOf, html],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<TellCase>()
                        .RunAsync(asked.Secret, id, asked.Get(asOf), asked.Cancellation),
                    account =>
                        asked.Get(html)
                            ? AccountHtml.Write(account).TrimEnd('\n')
                            : AccountText.Write(account, withRows: true).TrimEnd('\n')
                )
        );
    }

    public static Command Export()
    {
        var file = Text("--out", "Where to write it; CASE.zip in this folder without it.");
        var head = Text("--head", "A signed head that was kept elsewhere, to prove it against.");
        return OnCase(
            "export",
            "Pack a sealed case for an auditor, who can check it offline.",
            [file, head],
            async (asked, id) =>
            {
                var given = asked.Get(head) is { } path
                    ? await File.ReadAllTextAsync(path, asked.Cancellation)
                    : null;
                var outcome = await asked
                    .Use<ExportCase>()
                    .RunAsync(asked.Secret, id, given, asked.Cancellation);
                return asked.Say(
                    outcome,
                    packed =>
                    {
                        var to = asked.Get(file) ?? packed.Name;
                        File.WriteAllBytes(to, packed.Zip);
                        if (asked.Json)
                            asked.Output.WriteJson(
                                new
                                {
                                    File = to,
                                    packed.Sha256,
                                    Bytes = packed.Zip.Length,
                                }
                            );
                        else
                            asked.Output.WriteLine(
                                $"{to} holds the case, sha256 {packed.Sha256}; VERIFY.txt in it says how to check it."
                            );
                        return ExitCodes.Yes;
                    }
                );
            }
        );
    }

    /// <summary>Offline: neither a database nor a token is needed.</summary>
    public static int VerifyFile(
        ParseResult parsed,
        string file,
        IReadOnlyList<string> heads,
        bool json
    )
    {
        using var zip = File.OpenRead(file);
        var verdict = VerifyBundle.Run(zip, [.. heads.Select(File.ReadAllText)]);
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        if (json)
            output.WriteJson(verdict);
        else if (verdict.Problems.Count == 0)
            output.WriteLine(
                $"{file} is as it was sealed: {verdict.Entries} audit entries, root {verdict.Root}."
            );
        foreach (var problem in verdict.Problems)
            error.Refuse($"{file}: {problem}");
        return verdict.Problems.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
    }
}
