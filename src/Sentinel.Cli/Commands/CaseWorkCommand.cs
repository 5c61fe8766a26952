using System.CommandLine;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Ownership;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Owning, deciding and ending cases.</summary>
static class CaseWorkCommand
{
    public static Command Take() =>
        OnCase(
            "take",
            "Answer for a case from now on.",
            [],
            async (asked, id) =>
                asked.Say(
                    await asked.Use<TakeCase>().RunAsync(asked.Secret, id, asked.Cancellation),
                    taken => $"{taken.Number} is yours."
                )
        );

    public static Command Assign()
    {
        var to = Text("--to", "The next owner: an address, an id, or me.");
        var queue = Text("--queue", "The queue; without --to nobody owns it until somebody does.");
        var note = Text("--note", "What the next owner has to know.");
        return OnCase(
            "assign",
            "Hand a case over to somebody, or back to a queue.",
            [to, queue, note],
            (asked, id) =>
                asked.WithPersonAsync(
                    asked.Get(to),
                    async person =>
                        asked.Say(
                            await asked
                                .Use<AssignCase>()
                                .RunAsync(
                                    asked.Secret,
                                    id,
                                    new NextOwner(person, asked.Get(queue), asked.Get(note)),
                                    asked.Cancellation
                                ),
                            given =>
                                $"{given.Number} is with {asked.Get(to) ?? "nobody"}"
                                + (given.Queue is { } where ? $", queue {where}." : ".")
                        )
                )
        );
    }

    public static Command Severity()
    {
        var severity = new Argument<int>("SEVERITY") { Description = "0 to 10." };
        var reason = Reason();
        return OnCase(
            "severity",
            "Accept or change the severity that was proposed.",
            [severity, reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<SetSeverity>()
                        .RunAsync(
                            asked.Secret,
                            id,
                            asked.Get(severity),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    set =>
                        set.Severity == set.ProposedSeverity
                            ? $"{set.Number} keeps the proposed severity {set.Severity}."
                            : $"{set.Number} has severity {set.Severity}; {set.ProposedSeverity} was proposed."
                )
        );
    }

    public static Command Dispose()
    {
        var disposition = Word<Disposition>("DISPOSITION", "What it was");
        var reason = Reason();
        return OnCase(
            "dispose",
            "Decide what the case was, and with it whether it was resolved correctly.",
            [disposition, reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<DisposeCase>()
                        .RunAsync(
                            asked.Secret,
                            id,
                            asked.Get(disposition),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    done => $"{done.Number} is decided."
                )
        );
    }

    public static Command Resolve() =>
        OnCase(
            "resolve",
            "Say that the work is done; others attest it.",
            [],
            async (asked, id) =>
                asked.Say(
                    await asked.Use<ResolveCase>().RunAsync(asked.Secret, id, asked.Cancellation),
                    done => $"{done.Number} is resolved; somebody who did none of it attests."
                )
        );

    public static Command Attest()
    {
        var statement = Words("STATEMENT", "What you saw and vouch for.");
        return OnCase(
            "attest",
            "Vouch for a resolved case in which you did none of the work.",
            [statement],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<AttestCase>()
                        .RunAsync(asked.Secret, id, asked.Get(statement)!, asked.Cancellation),
                    given => $"Attested as {given.AsRole}."
                )
        );
    }

    public static Command Close() =>
        OnCase(
            "close",
            "End a case for good and seal it.",
            [],
            async (asked, id) =>
                asked.Say(
                    await asked.Use<CloseCase>().RunAsync(asked.Secret, id, asked.Cancellation),
                    closed =>
                        $"{closed.Case.Number} is closed and sealed: {closed.Seal.LeafCount} audit entries, "
                        + $"root {Convert.ToBase64String(closed.Seal.Root)}."
                )
        );
}
