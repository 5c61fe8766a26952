using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Organisations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Who may act in whose name, for how long.</summary>
static class DelegationCommand
{
    public static Command Build() =>
        new("delegation", "Let somebody act in your name: list, begin, end.")
        {
            List(),
            Begin(),
            End(),
        };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List who acted or may act in whose name, the newest first.",
            [],
            async asked =>
            {
                var outcome = await asked
                    .Use<ListDelegations>()
                    .RunAsync(asked.Secret, asked.Cancellation);
                var names = await asked.NamesAsync();
                return asked.SayAll(
                    outcome,
                    one =>
                        $"{one.Id}  {names(one.DelegateId)} for {names(one.DelegatorId)}, {one.Kind}, "
                        + $"until {(one.EndedAt ?? one.ValidUntil).UtcDateTime:yyyy-MM-dd HH:mm}: "
                        + CaseText.Printable(one.Reason),
                    "Nobody acted in another's name."
                );
            }
        );

    static Command Begin()
    {
        var deputy = Person("DEPUTY");
        var hours = new Option<int>("--hours")
        {
            Description = "For how long, at most 2160: 90 days.",
            Required = true,
        };
        var reason = Reason();
        return CaseworkCommands.Build(
            "begin",
            "Let somebody act in your name. Their work and yours count as one person's meanwhile.",
            [deputy, hours, reason],
            asked =>
                asked.WithPersonAsync(
                    deputy,
                    async id =>
                        asked.Say(
                            await asked
                                .Use<DelegateDuties>()
                                .RunAsync(
                                    asked.Secret,
                                    id,
                                    TimeSpan.FromHours(asked.Get(hours)),
                                    asked.Get(reason)!,
                                    asked.Cancellation
                                ),
                            delegation =>
                                $"{asked.Get(deputy)} may act in your name: delegation {delegation}."
                        )
                )
        );
    }

    static Command End()
    {
        var id = CommandResults.Id("The delegation's id.");
        return CaseworkCommands.Build(
            "end",
            "End a delegation of yours before its time.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<EndDelegation>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    _ => "It is ended."
                )
        );
    }
}
