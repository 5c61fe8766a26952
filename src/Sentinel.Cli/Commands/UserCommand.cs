using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Organisations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>The people of an organisation, and what they may do.</summary>
static class UserCommand
{
    public static Command Build() =>
        new("user", "Manage people: list, add, give roles, issue and revoke tokens.")
        {
            List(),
            Add(),
            Status("enable", "Let somebody back in.", active: true),
            Status("disable", "Let somebody do nothing more; what they did stays.", active: false),
            Give(),
            Take(),
            TokenCommand.Issue(),
            TokenCommand.List(),
            TokenCommand.Revoke(),
            Hold(),
            TokenCommand.Impersonate(),
        };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List the people of the organisation and their roles.",
            [],
            async asked =>
                asked.SayAll(
                    await asked.Use<ListUsers>().RunAsync(asked.Secret, asked.Cancellation),
                    user =>
                        $"{CaseText.Printable(user.Email), -32}  {user.Status, -8}  {CaseText.Printable(user.DisplayName)}"
                        + (user.Roles.Count > 0 ? $" ({string.Join(", ", user.Roles)})" : "")
                        + (user.HeldBy.Count > 0 ? ", an account that others stand behind" : ""),
                    "Nobody."
                )
        );

    static Command Add()
    {
        var email = Words("ADDRESS", "Such as ada@example.org: by it they are named.");
        var name = Words("NAME", "As it is to be read.");
        var roles = new Option<string[]>("--role")
        {
            Description = "A role's name; may be given again.",
        };
        return CaseworkCommands.Build(
            "add",
            "Add a person. They can do nothing before a token is issued to them.",
            [email, name, roles],
            async asked =>
                asked.Say(
                    await asked
                        .Use<CreateUser>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(email)!,
                            asked.Get(name)!,
                            asked.Get(roles) ?? [],
                            asked.Cancellation
                        ),
                    id => $"{asked.Get(email)} is added."
                )
        );
    }

    static Command Status(string name, string description, bool active)
    {
        var user = Person("USER");
        return CaseworkCommands.Build(
            name,
            description,
            [user],
            asked =>
                asked.WithPersonAsync(
                    user,
                    async id =>
                        asked.Say(
                            await asked
                                .Use<SetUserStatus>()
                                .RunAsync(asked.Secret, id, active, asked.Cancellation),
                            _ => $"{asked.Get(user)} is {(active ? "active" : "disabled")}."
                        )
                )
        );
    }

    static Command Give()
    {
        var (user, role) = (Person("USER"), Words("ROLE", "See 'role list'."));
        return CaseworkCommands.Build(
            "give",
            "Give somebody a role; never yourself.",
            [user, role],
            asked =>
                asked.WithPersonAsync(
                    user,
                    async id =>
                        asked.Say(
                            await asked
                                .Use<GiveRole>()
                                .RunAsync(asked.Secret, id, asked.Get(role)!, asked.Cancellation),
                            _ => $"{asked.Get(user)} is {asked.Get(role)}."
                        )
                )
        );
    }

    static Command Take()
    {
        var (user, role) = (Person("USER"), Words("ROLE", "One of theirs."));
        return CaseworkCommands.Build(
            "take",
            "Take a role from somebody, at once and for every token.",
            [user, role],
            asked =>
                asked.WithPersonAsync(
                    user,
                    async id =>
                        asked.Say(
                            await asked
                                .Use<EndRole>()
                                .RunAsync(asked.Secret, id, asked.Get(role)!, asked.Cancellation),
                            _ => $"{asked.Get(user)} is no longer {asked.Get(role)}."
                        )
                )
        );
    }

    static Command Hold()
    {
        var (account, person, reason) = (Person("ACCOUNT"), Person("PERSON"), Reason());
        return CaseworkCommands.Build(
            "hold",
            "Say who stands behind an account that is nobody's own: what is done under it is their work.",
            [account, person, reason],
            asked =>
                asked.WithPersonAsync(
                    account,
                    held =>
                        asked.WithPersonAsync(
                            person,
                            async holder =>
                                asked.Say(
                                    await asked
                                        .Use<HoldAccount>()
                                        .RunAsync(
                                            asked.Secret,
                                            held,
                                            holder,
                                            asked.Get(reason)!,
                                            asked.Cancellation
                                        ),
                                    _ => $"{asked.Get(person)} stands behind {asked.Get(account)}."
                                )
                        )
                )
        );
    }
}
