using System.CommandLine;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Organisations;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Sets of permissions that people are given together.</summary>
static class RoleCommand
{
    public static Command Build() =>
        new("role", "Name sets of permissions: list, add.") { List(), Add() };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List the roles and what each may do.",
            [],
            async asked =>
                asked.SayAll(
                    await asked.Use<ListRoles>().RunAsync(asked.Secret, asked.Cancellation),
                    role => $"{role.Name} ({role.Scope}): {string.Join(", ", role.Permissions)}",
                    "There is no role."
                )
        );

    static Command Add()
    {
        var name = Words("NAME", "One word of a to z and _.");
        var may = new Option<string[]>("--may")
        {
            Description = "A permission, as a refusal names it: task.read. May be given again.",
            Required = true,
        };
        var scope = new Option<string>("--scope")
        {
            Description = $"What they are about: {string.Join(", ", CreateRole.Scopes)}.",
            DefaultValueFactory = _ => CreateRole.Scopes[0],
        };
        return CaseworkCommands.Build(
            "add",
            "Name a set of permissions, for good: another set is another role.",
            [name, may, scope],
            async asked =>
                asked.Say(
                    await asked
                        .Use<CreateRole>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(name)!,
                            asked.Get(scope)!,
                            asked.Get(may)!,
                            asked.Cancellation
                        ),
                    role => $"{role.Name} is a role: {string.Join(", ", role.Permissions)}."
                )
        );
    }
}
