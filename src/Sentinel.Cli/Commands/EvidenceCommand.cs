using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Relations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Proof: attached for good, hashed on every read.</summary>
static class EvidenceCommand
{
    public static Command Build() =>
        new("evidence", "Keep proof: attach, read, redact, link.")
        {
            Attach(),
            Read(),
            Redact(),
            Link(),
        };

    static Command Attach()
    {
        var file = Words("FILE", "What to attach.");
        var type = new Option<string>("--type")
        {
            Description = "One word: log, screenshot, report.",
            DefaultValueFactory = _ => "log",
        };
        var title = Text("--title", "What it is; else the file's name.");
        return OnCase(
            "attach",
            "Attach a file to a case, for good and under its hash.",
            [file, type, title],
            (asked, caseId) =>
                WithFileAsync(
                    asked,
                    file,
                    async content =>
                        asked.Say(
                            await asked
                                .Use<AttachEvidence>()
                                .RunAsync(
                                    asked.Secret,
                                    new NewEvidence(
                                        caseId,
                                        asked.Get(type)!,
                                        asked.Get(title) ?? Path.GetFileName(asked.Get(file)!)
                                    ),
                                    content,
                                    asked.Cancellation
                                ),
                            Line
                        )
                )
        );
    }

    static Command Read()
    {
        var id = CommandResults.Id("The item's id.");
        var to = new Option<string>("--to")
        {
            Description = "The file to write it to, which must not be there yet.",
            Required = true,
        };
        return CaseworkCommands.Build(
            "read",
            "Write a piece of evidence to a file; its custody keeps that you read it.",
            [id, to],
            async asked =>
            {
                var path = asked.Get(to)!;
                if (Path.Exists(path))
                    return asked.Refuse($"{path} is there already: name a new file.");
                var outcome = await asked
                    .Use<ReadEvidence>()
                    .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation);
                if (outcome is Outcome<EvidenceContent>.Done({ Content: var content }))
                    await using (content)
                    await using (var written = new FileStream(path, FileMode.CreateNew))
                        await content.CopyToAsync(written, asked.Cancellation);
                return asked.Say(
                    outcome,
                    read =>
                    {
                        if (asked.Json)
                            asked.Output.WriteJson(read.Item);
                        else
                            asked.Output.WriteLine(Line(read.Item));
                        return ExitCodes.Yes;
                    }
                );
            }
        );
    }

    static Command Redact()
    {
        var id = CommandResults.Id("The id of the original, which stays.");
        var file = Words("FILE", "The same without what is not to be seen.");
        var reason = Reason();
        return CaseworkCommands.Build(
            "redact",
            "Attach a redacted copy of a piece of evidence, as an item of its own.",
            [id, file, reason],
            asked =>
                WithFileAsync(
                    asked,
                    file,
                    async content =>
                        asked.Say(
                            await asked
                                .Use<RedactEvidence>()
                                .RunAsync(
                                    asked.Secret,
                                    asked.Get(id),
                                    asked.Get(reason)!,
                                    content,
                                    asked.Cancellation
                                ),
                            Line
                        )
                )
        );
    }

    static Command Link()
    {
        var id = CommandResults.Id("The item's id.");
        var kind = Word<LinkedEntity>("KIND", "What else it proves");
        var what = Words(
            "WHAT",
            "A case like INC-1, else the id of the task, approval or attestation."
        );
        return CaseworkCommands.Build(
            "link",
            "Use evidence again: in another case, or for one task, approval or attestation.",
            [id, kind, what],
            asked =>
            {
                var named = asked.Get(what)!;
                return asked.Get(kind) == LinkedEntity.Case ? asked.WithCaseAsync(named, LinkAsync)
                    : Guid.TryParse(named, out var entity) ? LinkAsync(entity)
                    : Task.FromResult(asked.Refuse($"'{named}' is not an id"));

                async Task<int> LinkAsync(Guid entityId) =>
                    asked.Say(
                        await asked
                            .Use<LinkEvidence>()
                            .RunAsync(
                                asked.Secret,
                                asked.Get(id),
                                asked.Get(kind),
                                entityId,
                                asked.Cancellation
                            ),
                        _ => "It is linked, for good."
                    );
            }
        );
    }

    static async Task<int> WithFileAsync(
        CaseAsked asked,
        Argument<string> file,
        Func<Stream, Task<int>> run
    )
    {
        var path = asked.Get(file)!;
        if (!File.Exists(path))
            return asked.Refuse($"There is no file {path}: check the name.");
        await using var content = File.OpenRead(path);
        return await run(content);
    }

    static string Line(EvidenceItem item) =>
        $"{item.Id}  {item.EvidenceType}: {CaseText.Printable(item.Title)}, {item.SizeBytes} bytes, "
        + $"sha256 {item.Hash}";
}
