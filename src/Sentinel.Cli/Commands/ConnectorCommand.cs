using System.CommandLine;
using System.Text.Json.Nodes;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Outbound;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Systems that can be asked to act, and what was asked of them.</summary>
static class ConnectorCommand
{
    public static Command Build() =>
        new("connector", "Manage systems that can be asked to act: list, add.") { List(), Add() };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List the systems that can be asked to act.",
            [],
            async asked =>
                asked.SayAll(
                    await asked.Use<ListConnectors>().RunAsync(asked.Secret, asked.Cancellation),
                    one => $"{one.Name, -24}  {one.Kind, -7}  {one.Url}",
                    "No connector is registered."
                )
        );

    static Command Add()
    {
        var name = Words("NAME", "One word, which tasks and workflows say.");
        var kind = Words("KIND", string.Join(", ", RegisterConnector.Kinds) + ".");
        var url = Words("URL", "Where requests are posted, or the mail server.");
        var allowed = new Option<bool>("--private")
        {
            Description = "Its address may lie in a private network, and speak no TLS there.",
        };
        var sender = Text("--sender", "The address from which mail comes.");
        return CaseworkCommands.Build(
            "add",
            "Register a system, and get the secret under which both sign; it is shown this once.",
            [name, kind, url, allowed, sender],
            async asked =>
                asked.Say(
                    await asked
                        .Use<RegisterConnector>()
                        .RunAsync(
                            asked.Secret,
                            new NewConnector(
                                asked.Get(name)!,
                                asked.Get(kind)!,
                                asked.Get(url)!,
                                asked.Get(allowed),
                                asked.Get(sender)
                            ),
                            asked.Cancellation
                        ),
                    registered =>
                    {
                        if (asked.Json)
                            asked.Output.WriteJson(
                                new
                                {
                                    registered.Id,
                                    registered.Name,
                                    Secret = registered.Secret.Value,
                                }
                            );
                        else
                            asked.Output.WriteLine(registered.Secret.Value);
                        return ExitCodes.Yes;
                    }
                )
        );
    }

    public static Command Ask()
    {
        var id = CommandResults.Id("The id of a task that runs.");
        var connector = Words("CONNECTOR", "Its name.");
        var action = Words("ACTION", "One word that it knows, such as isolate.");
        var arguments = new Option<string[]>("--argument")
        {
            Description = "NAME=VALUE; may be given again.",
        };
        var minutes = new Option<int>("--minutes")
        {
            Description = "How long it has.",
            DefaultValueFactory = _ => 60,
        };
        return CaseworkCommands.Build(
            "ask",
            "Ask a connector to act for a task; what it answers becomes a step and evidence.",
            [id, connector, action, arguments, minutes],
            async asked =>
                asked.Say(
                    await asked
                        .Use<AskConnector>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            new AskedConnector(
                                asked.Get(connector)!,
                                asked.Get(action)!,
                                Arguments(asked.Get(arguments) ?? []),
                                TimeSpan.FromMinutes(asked.Get(minutes))
                            ),
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    public static Command Asked() =>
        OnCase(
            "outbound",
            "List what was asked of connectors for a case, and what came of it.",
            [],
            async (asked, id) =>
                asked.SayAll(
                    await asked.Use<ListOutbound>().RunAsync(asked.Secret, id, asked.Cancellation),
                    Line,
                    "No connector was asked to act for this case."
                )
        );

    static JsonObject Arguments(string[] pairs)
    {
        var arguments = new JsonObject();
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=');
            if (equals < 1)
                throw new WrongUsageException($"'{pair}' is no NAME=VALUE.");
            arguments[pair[..equals]] = pair[(equals + 1)..];
        }
        return arguments;
    }

    static string Line(OutboundAction action) =>
        $"{action.Id}  {action.AskedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}  "
        + $"{action.Action}: {action.Status.ToString().ToLowerInvariant()}"
        + (action.Outcome is { } outcome ? $", {CaseText.Printable(outcome)}" : "");
}
