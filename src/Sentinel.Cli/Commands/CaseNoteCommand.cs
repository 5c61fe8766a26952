using System.CommandLine;
using Sentinel.Psa.Notes;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What people put on cases. What is taken back leaves a tombstone.</summary>
static class CaseNoteCommand
{
    public static Command Comment()
    {
        var body = Words("TEXT", "What there is to say.");
        var corrects = new Option<Guid?>("--corrects")
        {
            Description = "The id of a comment of yours that this one replaces; both stay.",
        };
        return OnCase(
            "comment",
            "Say something about a case, for good.",
            [body, corrects],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<CommentCase>()
                        .RunAsync(
                            asked.Secret,
                            id,
                            asked.Get(body)!,
                            asked.Get(corrects),
                            asked.Cancellation
                        ),
                    said => $"Comment {said.Id} is written."
                )
        );
    }

    public static Command Tag()
    {
        var tag = Words("TAG", "Such as ransomware.");
        return OnCase(
            "tag",
            "Put a word on a case by which it is found again.",
            [tag],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<TagCase>()
                        .RunAsync(asked.Secret, id, asked.Get(tag)!, asked.Cancellation),
                    tags => "Tags: " + string.Join(", ", tags) + "."
                )
        );
    }

    public static Command Untag()
    {
        var tag = Words("TAG", "A tag of the case.");
        var reason = Reason();
        return OnCase(
            "untag",
            "Take a tag back.",
            [tag, reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<UntagCase>()
                        .RunAsync(
                            asked.Secret,
                            id,
                            asked.Get(tag)!,
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    tags =>
                        tags.Count == 0
                            ? "No tags are left."
                            : "Tags: " + string.Join(", ", tags) + "."
                )
        );
    }

    public static Command Watch()
    {
        var who = Text("--for", "Somebody else: an address or an id.");
        return OnCase(
            "watch",
            "Put a case on your list of what you watch.",
            [who],
            (asked, id) =>
                asked.WithPersonAsync(
                    asked.Get(who),
                    async person =>
                        asked.Say(
                            await asked
                                .Use<WatchCase>()
                                .RunAsync(asked.Secret, id, person, asked.Cancellation),
                            all => $"{all.Count} watch it."
                        )
                )
        );
    }

    public static Command Unwatch()
    {
        var who = Text("--for", "Somebody else: an address or an id.");
        return OnCase(
            "unwatch",
            "Take a case off your list again.",
            [who],
            (asked, id) =>
                asked.WithPersonAsync(
                    asked.Get(who),
                    async person =>
                        asked.Say(
                            await asked
                                .Use<UnwatchCase>()
                                .RunAsync(asked.Secret, id, person, asked.Cancellation),
                            all => $"{all.Count} watch it."
                        )
                )
        );
    }
}
