using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Stories;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Cli.Commands;

/// <summary>Seals and hashes, recomputed. Exit code 1 says that something is not as it was sealed.</summary>
static class VerifyCommand
{
    public static Command Build() =>
        new("verify", "Check seals and hashes.")
        {
            Audit(),
            Evidence(),
            Case(),
            VerifyGovernanceCommand.Build(),
        };

    static Command Audit()
    {
        var heads = Heads();
        var export = new Option<string?>("--export")
        {
            Description = "Also write the log for verifiers that are not ours, into this folder.",
        };
        var json = CommandResults.Json();
        var command = new Command("audit", "Hold both audit logs against every signed head.")
        {
            heads,
            export,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var verdicts = await VerdictsAsync(session, parsed.GetValue(heads)!, cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                if (parsed.GetValue(json))
                    foreach (var verdict in verdicts)
                        output.WriteJson(Shape(verdict));
                else
                    foreach (var verdict in verdicts.Where(verdict => verdict.Holds))
                        output.WriteLine(
                            $"{verdict.Schema}: {verdict.Entries} entries are as they were signed, "
                                + $"{verdict.Pending} not yet signed, root {verdict.Root}."
                        );
                var raw = await session
                    .Use<VerifyRawEvents>()
                    .RunAsync(session.Secret, null, cancellation);
                if (!parsed.GetValue(json) && raw is RawVerdict.Intact intact)
                    output.WriteLine(
                        $"{intact.RawEvents} raw events in {intact.Batches} batches are as received."
                    );
                foreach (var problem in verdicts.SelectMany(verdict => verdict.Problems))
                    error.Refuse(problem.Sentence);
                foreach (var difference in raw is RawVerdict.Different d ? d.Differences : [])
                    error.Refuse(difference);
                if (parsed.GetValue(export) is { } folder)
                    foreach (var verdict in verdicts)
                        await session
                            .Use<ExportAudit>()
                            .RunAsync(
                                verdict.Schema,
                                // Casework's log is the export; detection's lies in a folder of it.
                                verdict.Schema == "psa"
                                    ? folder
                                    : Path.Combine(folder, verdict.Schema),
                                cancellation
                            );
                return verdicts.All(verdict => verdict.Holds) && raw is RawVerdict.Intact
                    ? ExitCodes.Yes
                    : ExitCodes.No;
            }
        );
        return command;
    }

    static Command Evidence()
    {
        var package = new Argument<string>("PACKAGE")
        {
            Description = "The zip of a BagIt bag, as it was sealed.",
        };
        var heads = Heads();
        var json = CommandResults.Json();
        var command = new Command(
            "evidence",
            "Check a package; with --head also that it is the sealed one."
        )
        {
            package,
            heads,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var file = parsed.GetValue(package)!;
                PackageVerdict verdict;
                await using (var stream = File.OpenRead(file))
                    verdict = VerifyPackage.Run(stream);
                if (verdict is PackageVerdict.Intact intact && parsed.GetValue(heads) is [_, ..])
                    verdict = await SealedAsync(intact, parsed.GetValue(heads)!, cancellation);
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(json))
                    output.WriteJson(
                        new
                        {
                            File = file,
                            Intact = verdict is PackageVerdict.Intact,
                            (verdict as PackageVerdict.Intact)?.Sha256,
                            (verdict as PackageVerdict.Different)?.Difference,
                        }
                    );
                else if (verdict is PackageVerdict.Intact { Sha256: var sha256 })
                    output.WriteLine($"{file} is intact, sha256 {sha256}.");
                return verdict is PackageVerdict.Different different
                    ? parsed.InvocationConfiguration.Error.Refuse($"{file}: {different.Difference}")
                    : ExitCodes.Yes;
            }
        );
        return command;
    }

    static Command Case()
    {
        var named = new Argument<string>("CASE")
        {
            Description = "INC-1, its id, or an exported bundle, which is checked offline.",
        };
        var heads = Heads();
        var json = CommandResults.Json();
        var command = new Command("case", "Compare a closed case with its seal.")
        {
            named,
            heads,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var name = parsed.GetValue(named)!;
                if (File.Exists(name) || name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
                    return CaseStoryCommand.VerifyFile(
                        parsed,
                        name,
                        parsed.GetValue(heads) ?? [],
                        parsed.GetValue(json)
                    );
                await using var session = await CommandSession.OpenAsync(cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                var id = await session
                    .Use<ShowCase>()
                    .FindAsync(session.Secret, name, cancellation);
                if (id is not { } caseId)
                    return error.Refuse($"there is no case {name}");
                List<string> problems = parsed.GetValue(heads) is [_, ..] given
                    ?
                    [
                        .. (await VerdictsAsync(session, given, cancellation))
                            .SelectMany(verdict => verdict.Problems)
                            .Select(problem => problem.Sentence),
                    ]
                    : [];
                var outcome = await session
                    .Use<VerifyCase>()
                    .RunAsync(session.Secret, caseId, cancellation);
                return parsed.Say(
                    outcome,
                    seal =>
                    {
                        problems.InsertRange(0, seal.Problems);
                        if (parsed.GetValue(json))
                            output.WriteJson(seal with { Problems = problems });
                        else if (problems.Count == 0)
                            output.WriteLine(
                                $"{name} is as it was sealed: {seal.LeafCount} audit entries, "
                                    + $"root {seal.RootBase64}."
                            );
                        foreach (var problem in problems)
                            error.Refuse(problem);
                        return problems.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
                    }
                );
            }
        );
        return command;
    }

    static Task<IReadOnlyList<AuditVerdict>> VerdictsAsync(
        CommandSession session,
        IReadOnlyList<string> heads,
        CancellationToken cancellation
    ) =>
        new VerifyAudit(session.Use<SentinelDatabase>(), session.Data).RunAsync(
            heads,
            cancellation
        );

    /// <summary>Whether its hash is one that was sealed, in a log that the head still vouches for.</summary>
    static async Task<PackageVerdict> SealedAsync(
        PackageVerdict.Intact intact,
        IReadOnlyList<string> heads,
        CancellationToken cancellation
    )
    {
        await using var session = await CommandSession.OpenAsync(cancellation);
        var verdicts = await VerdictsAsync(session, heads, cancellation);
        if (verdicts.SelectMany(verdict => verdict.Problems).FirstOrDefault() is { } problem)
            return new PackageVerdict.Different(problem.Sentence);
        return await session
            .Use<FindSealedPackage>()
            .RunAsync(session.Secret, intact.Sha256, cancellation)
            ? intact
            : new PackageVerdict.Different(
                $"the bag is whole, but no package with the hash {intact.Sha256} was sealed: its "
                    + "manifest was adapted to a changed content"
            );
    }

    static Option<string[]> Heads() =>
        new("--head")
        {
            Description = "A signed head that was kept elsewhere; may be given again.",
        };

    static object Shape(AuditVerdict verdict) =>
        new
        {
            verdict.Schema,
            verdict.Entries,
            verdict.Pending,
            verdict.Root,
            verdict.Heads,
            Sealed = verdict.Holds,
            Problems = verdict.Problems.Select(problem => problem.Sentence),
        };
}
