using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Evidence;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What has to stay online whatever a retention says.</summary>
static class HoldCommand
{
    public static Command Build() =>
        new("hold", "Keep events of a time from being archived: list, place, lift.")
        {
            List(),
            Place(),
            Lift(),
        };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List every legal hold, the lifted ones too.",
            [],
            async asked =>
                asked.SayAll(
                    await asked.Use<ListHolds>().RunAsync(asked.Secret, asked.Cancellation),
                    Line,
                    "There is no legal hold."
                )
        );

    static Command Place()
    {
        var (from, to, reason) = (CommandResults.From(), CommandResults.To(), Reason());
        from.Required = true;
        return CaseworkCommands.Build(
            "place",
            "Keep the events of a time online; without --to, of all that comes too.",
            [from, to, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<PlaceHold>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(from)!.Value,
                            asked.Get(to),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static Command Lift()
    {
        var (id, reason) = (CommandResults.Id("The hold's id."), Reason());
        return CaseworkCommands.Build(
            "lift",
            "Lift a hold that another person placed.",
            [id, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<LiftHold>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static string Line(PlacedHold hold) =>
        $"{hold.Id}  from {hold.HeldFrom.UtcDateTime:yyyy-MM-dd HH:mm} "
        + (hold.HeldUntil is { } until ? $"to {until.UtcDateTime:yyyy-MM-dd HH:mm}" : "on")
        + (hold.LiftedAt is { } lifted ? $", lifted {lifted.UtcDateTime:yyyy-MM-dd HH:mm}" : "")
        + $": {CaseText.Printable(hold.Reason)}";
}
