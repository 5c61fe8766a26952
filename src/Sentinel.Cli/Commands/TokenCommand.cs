using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Organisations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What somebody presents to say who they are.</summary>
static class TokenCommand
{
    const int DaysDefault = 90;

    public static Command Issue()
    {
        var user = Person("USER");
        var days = Days();
        var behalf = Text(
            "--for",
            "In whose name it acts besides: somebody who delegated to USER."
        );
        return CaseworkCommands.Build(
            "token",
            "Issue a token; it is shown this once.",
            [user, days, behalf],
            asked =>
                asked.WithPersonAsync(
                    user,
                    id =>
                        asked.WithPersonAsync(
                            asked.Get(behalf),
                            async delegator =>
                                asked.SayToken(
                                    await asked
                                        .Use<IssueCredential>()
                                        .RunAsync(
                                            asked.Secret,
                                            delegator is { } other
                                                ? new CredentialHolder.ForDelegate(id, other)
                                                : new CredentialHolder.ForPerson(id),
                                            TimeSpan.FromDays(asked.Get(days)),
                                            asked.Cancellation
                                        )
                                )
                        )
                )
        );
    }

    public static Command OfMachine()
    {
        var machine = Words("MACHINE", "Such as edr: the module that presents it.");
        var days = Days();
        return CaseworkCommands.Build(
            "token",
            "Issue a token to another module's machine; it is shown this once.",
            [machine, days],
            async asked =>
                asked.SayToken(
                    await asked
                        .Use<IssueCredential>()
                        .RunAsync(
                            asked.Secret,
                            new CredentialHolder.ForMachine(asked.Get(machine)!),
                            TimeSpan.FromDays(asked.Get(days)),
                            asked.Cancellation
                        )
                )
        );
    }

    public static Command List()
    {
        var user = Person("USER");
        return CaseworkCommands.Build(
            "tokens",
            "List the tokens of somebody by their ids; what they are stands nowhere.",
            [user],
            asked =>
                asked.WithPersonAsync(
                    user,
                    async id =>
                    {
                        var outcome = await asked
                            .Use<ListCredentials>()
                            .RunAsync(asked.Secret, id, asked.Cancellation);
                        var names = await asked.NamesAsync();
                        return asked.SayAll(
                            outcome,
                            one =>
                                $"{one.Id}  until {one.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm}"
                                + (one.OnBehalfOf is { } other ? $", for {names(other)}" : "")
                                + (
                                    one.RevokedAt is { } at
                                        ? $", revoked {at.UtcDateTime:yyyy-MM-dd HH:mm}"
                                        : ""
                                ),
                            "None was issued."
                        );
                    }
                )
        );
    }

    public static Command Revoke()
    {
        var (id, reason) = (CommandResults.Id("The token's id."), Reason());
        return CaseworkCommands.Build(
            "revoke",
            "Revoke a token, at once and for good.",
            [id, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<RevokeCredential>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    _ => "It is revoked."
                )
        );
    }

    public static Command Impersonate()
    {
        var user = Person("USER");
        var hours = new Option<int>("--hours")
        {
            Description = "For how long, at most 8.",
            DefaultValueFactory = _ => 1,
        };
        var reason = Reason();
        return CaseworkCommands.Build(
            "impersonate",
            "Get a token to see and do what somebody may; it decides nothing, and both names are kept.",
            [user, hours, reason],
            asked =>
                asked.WithPersonAsync(
                    user,
                    async id =>
                        asked.SayToken(
                            await asked
                                .Use<ImpersonateUser>()
                                .RunAsync(
                                    asked.Secret,
                                    id,
                                    TimeSpan.FromHours(asked.Get(hours)),
                                    asked.Get(reason)!,
                                    asked.Cancellation
                                )
                        )
                )
        );
    }

    static Option<int> Days() =>
        new("--days")
        {
            Description = "For how long, at most 400.",
            DefaultValueFactory = _ => DaysDefault,
        };
}
