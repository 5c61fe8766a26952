using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Search;
using Sentinel.Psa.Stories;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Cases from a terminal: finding, reading and opening them. Each command is one use case.</summary>
static class CaseCommand
{
    public static Command Build() =>
        new("case", "Work on cases: find, read, open, decide, close.")
        {
            List(),
            Show(),
            Search(),
            Open(),
            CaseWorkCommand.Take(),
            CaseWorkCommand.Assign(),
            CaseNoteCommand.Comment(),
            CaseNoteCommand.Tag(),
            CaseNoteCommand.Untag(),
            CaseNoteCommand.Watch(),
            CaseNoteCommand.Unwatch(),
            CaseLinkCommand.Link(),
            CaseLinkCommand.Unlink(),
            CaseLinkCommand.Merge(),
            CaseLinkCommand.Unmerge(),
            CaseWorkCommand.Severity(),
            CaseWorkCommand.Dispose(),
            CaseWorkCommand.Resolve(),
            CaseWorkCommand.Attest(),
            CaseWorkCommand.Close(),
            CaseClockCommand.Pause(),
            CaseClockCommand.Resume(),
            CaseClockCommand.Sla(),
            CaseClockCommand.Notices(),
            CaseStoryCommand.Timeline(),
            CaseStoryCommand.Export(),
            ModuleCommand.Deliveries(),
            ModuleCommand.Ocsf(),
            ConnectorCommand.Asked(),
        };

    static Command List()
    {
        var status = Text("--status", "open, in_progress, resolved or closed.");
        var type = Text("--type", "incident, problem, change or audit.");
        var queue = Text("--queue", "The queue's name.");
        var owner = Text("--owner", "An address, an id, or me.");
        var tag = Text("--tag", "A tag in force.");
        var watched = new Option<bool>("--watched") { Description = "Those that you watch." };
        var before = new Option<long?>("--before")
        {
            Description = "The number of the last case of the page before.",
        };
        return CaseworkCommands.Build(
            "list",
            "List cases, the newest first.",
            [status, type, queue, owner, tag, watched, before],
            asked =>
                asked.WithPersonAsync(
                    asked.Get(owner),
                    async ownerId =>
                    {
                        var filter = new CaseFilter(
                            State(asked.Get(status)),
                            asked.Get(type),
                            asked.Get(queue),
                            ownerId,
                            asked.Get(tag),
                            Watched: asked.Get(watched)
                        );
                        var outcome = await asked
                            .Use<ListCases>()
                            .RunAsync(asked.Secret, filter, asked.Get(before), asked.Cancellation);
                        return asked.SayAll(outcome, CaseText.Line, "No such case.");
                    }
                )
        );
    }

    static Command Show()
    {
        var rows = new Option<bool>("--timeline")
        {
            Description = "Also every entry of the audit log.",
        };
        return OnCase(
            "show",
            "Say what happened, when we knew, who owned it, what was done, whether it was right, and the proof.",
            [rows],
            async (asked, caseId) =>
            {
                if (asked.Json)
                    return asked.Say(
                        await asked
                            .Use<ShowCase>()
                            .RunAsync(asked.Secret, caseId, asked.Cancellation),
                        story => ""
                    );
                var story = await asked
                    .Use<ShowCase>()
                    .RunAsync(asked.Secret, caseId, asked.Cancellation);
                var account = await asked
                    .Use<TellCase>()
                    .RunAsync(asked.Secret, caseId, null, asked.Cancellation);
                return asked.Say(
                    account,
                    told =>
                        asked.Say(
                            story,
                            now =>
                            {
                                asked.Output.Write(AccountText.Write(told, asked.Get(rows)));
                                asked.Output.Write(CaseText.Next(now));
                                return ExitCodes.Yes;
                            }
                        )
                );
            }
        );
    }

    static Command Search()
    {
        var words = Words("WORDS", "Quotes hold words together; 'or' and '-' as in a search box.");
        return CaseworkCommands.Build(
            "search",
            "Find cases by the words in them: summaries, comments, tags, tasks, evidence titles.",
            [words],
            async asked =>
            {
                var outcome = await asked
                    .Use<SearchCases>()
                    .RunAsync(asked.Secret, asked.Get(words)!, asked.Cancellation);
                return asked.SayAll(
                    outcome,
                    one =>
                        $"{CaseText.Line(one.Case)}\n        {one.Place}: {CaseText.Printable(one.Said)}",
                    "No case says that."
                );
            }
        );
    }

    static Command Open()
    {
        var type = Words("TYPE", "incident, problem, change or audit.");
        var summary = Words("SUMMARY", "What it is about, in a sentence.");
        var severity = new Option<int>("--severity")
        {
            Description = "0 to 10.",
            DefaultValueFactory = _ => 4,
        };
        var queue = Text("--queue", "The queue that it waits in.");
        var asset = new Option<Guid[]>("--asset")
        {
            Description = "The id of an asset that it is about; may be given again.",
        };
        var follows = Text("--follows", "A closed case that it takes up again.");
        return CaseworkCommands.Build(
            "open",
            "Open a case by hand.",
            [type, summary, severity, queue, asset, follows],
            async asked =>
            {
                if (asked.Get(follows) is { } before)
                    return await asked.WithCaseAsync(before, id => OpenAsync(id));
                return await OpenAsync(null);

                async Task<int> OpenAsync(Guid? followsOn) =>
                    asked.Say(
                        await asked
                            .Use<OpenCaseByHand>()
                            .RunAsync(
                                asked.Secret,
                                new CaseByHand(
                                    asked.Get(type)!,
                                    asked.Get(severity),
                                    asked.Get(summary)!,
                                    asked.Get(asset) ?? [],
                                    asked.Get(queue),
                                    new([], []),
                                    followsOn
                                ),
                                asked.Cancellation
                            ),
                        opened => $"{opened.Number} is open, severity {opened.Severity}."
                    );
            }
        );
    }

    static CaseState? State(string? word) =>
        word is null ? null
        : Enum.TryParse<CaseState>(word.Replace("_", ""), ignoreCase: true, out var state)
        && Enum.IsDefined(state)
            ? state
        : throw new WrongUsageException(
            $"'{word}' is no state of a case: open, in_progress, resolved or closed."
        );
}
