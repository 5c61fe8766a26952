using System.CommandLine;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Relations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>How cases belong together: reversible links that move nothing.</summary>
static class CaseLinkCommand
{
    public static Command Link()
    {
        var other = Case("PARENT");
        var how = Word<Relationship>("AS", "How CASE belongs to PARENT");
        var reason = Text("--reason", "Why.");
        return OnCase(
            "link",
            "Link a case to another: as a part of it, related to it, or following on it.",
            [other, how, reason],
            (asked, id) => LinkAsync(asked, id, other, asked.Get(how), asked.Get(reason))
        );
    }

    public static Command Unlink()
    {
        var other = Case("OTHER");
        var how = Word<Relationship>("AS", "How they are linked");
        var reason = Reason();
        return OnCase(
            "unlink",
            "Take a link back.",
            [other, how, reason],
            (asked, id) => UnlinkAsync(asked, id, other, asked.Get(how), asked.Get(reason)!)
        );
    }

    public static Command Merge()
    {
        var into = Case("INTO");
        var reason = Reason();
        return OnCase(
            "merge",
            "Say that a case is the same matter as another. Nothing moves; own work counts in both.",
            [into, reason],
            (asked, id) => LinkAsync(asked, id, into, Relationship.Merged, asked.Get(reason))
        );
    }

    public static Command Unmerge()
    {
        var from = Case("FROM");
        var reason = Reason();
        return OnCase(
            "unmerge",
            "Take a merger back; for somebody who did none of the work.",
            [from, reason],
            (asked, id) => UnlinkAsync(asked, id, from, Relationship.Merged, asked.Get(reason)!)
        );
    }

    static Task<int> LinkAsync(
        CaseAsked asked,
        Guid caseId,
        Argument<string> other,
        Relationship how,
        string? reason
    ) =>
        asked.WithCaseAsync(
            asked.Get(other)!,
            async parent =>
                asked.Say(
                    await asked
                        .Use<LinkCases>()
                        .RunAsync(asked.Secret, parent, caseId, how, reason, asked.Cancellation),
                    link => $"Linked to {asked.Get(other)}."
                )
        );

    static Task<int> UnlinkAsync(
        CaseAsked asked,
        Guid caseId,
        Argument<string> other,
        Relationship how,
        string reason
    ) =>
        asked.WithCaseAsync(
            asked.Get(other)!,
            async parent =>
                asked.Say(
                    await asked
                        .Use<UnlinkCases>()
                        .RunAsync(asked.Secret, caseId, parent, how, reason, asked.Cancellation),
                    link => $"No longer linked to {asked.Get(other)} in this way."
                )
        );
}
