using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Psa.Modules;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Findings of other modules, and cases in their words.</summary>
static class ModuleCommand
{
    public static Command Intake()
    {
        var file = Words(
            "FILE",
            "SARIF 2.1.0, OCSF findings or plain JSON; several one a line or in an array."
        );
        var module = Text("--module", $"One of {string.Join(", ", ModuleNames.All)}.");
        module.Required = true;
        var mapping = Text(
            "--mapping",
            "The mapping to read it by; else the one that is called as the module is."
        );
        return Build(
            "intake",
            "Take in another module's findings, which become cases.",
            [file, module, mapping],
            async asked =>
            {
                var path = asked.Get(file)!;
                if (!File.Exists(path))
                    return asked.Refuse($"There is no file {path}: check the name.");
                return asked.Say(
                    await asked
                        .Use<ReceiveFindings>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(module)!,
                            asked.Get(mapping),
                            await File.ReadAllBytesAsync(path, asked.Cancellation),
                            asked.Cancellation
                        ),
                    delivery =>
                    {
                        if (asked.Json)
                            asked.Output.WriteJson(delivery);
                        else
                            asked.Output.WriteLine(DeliveryText.Write(delivery));
                        return delivery.Refused == 0 ? ExitCodes.Yes : ExitCodes.No;
                    }
                );
            }
        );
    }

    public static Command Deliveries() =>
        OnCase(
            "deliveries",
            "List what other modules delivered to a case, and what of it nobody mapped.",
            [],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<ListDeliveries>()
                        .RunAsync(asked.Secret, id, asked.Cancellation),
                    receipts =>
                        receipts.Count == 0
                            ? "No module delivered anything to this case."
                            : string.Join('\n', receipts.Select(DeliveryText.Line))
                )
        );

    public static Command Ocsf() =>
        OnCase(
            "ocsf",
            "Tell a case as an incident finding of OCSF 1.8.",
            [],
            async (asked, id) =>
                asked.Say(
                    await asked.Use<TellIncident>().RunAsync(asked.Secret, id, asked.Cancellation),
                    incident =>
                    {
                        asked.Output.WriteJson(incident);
                        return ExitCodes.Yes;
                    }
                )
        );
}
