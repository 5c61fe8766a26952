using System.CommandLine;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Sla;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>The clocks of a case, and what policies wanted somebody told.</summary>
static class CaseClockCommand
{
    public static Command Pause()
    {
        var reason = Reason();
        return OnCase(
            "pause",
            "Make the clocks of a case stand still.",
            [reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<PauseClocks>()
                        .PauseAsync(asked.Secret, id, asked.Get(reason)!, asked.Cancellation),
                    Said
                )
        );
    }

    public static Command Resume()
    {
        var reason = Reason();
        return OnCase(
            "resume",
            "Let the clocks of a case run again.",
            [reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<PauseClocks>()
                        .ResumeAsync(asked.Secret, id, asked.Get(reason)!, asked.Cancellation),
                    Said
                )
        );
    }

    public static Command Sla()
    {
        var (name, reason) = (Words("SLA", "The name of an active sla."), Reason());
        return OnCase(
            "sla",
            "Put a case under another sla. What is used stays used.",
            [name, reason],
            async (asked, id) =>
                asked.Say(
                    await asked
                        .Use<ChangeSla>()
                        .RunAsync(
                            asked.Secret,
                            id,
                            asked.Get(name)!,
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Said
                )
        );
    }

    public static Command Notices()
    {
        var before = new Option<Guid?>("--before")
        {
            Description = "The id of the last notice of the page before.",
        };
        return CaseworkCommands.Build(
            "notices",
            "List what policies wanted you told, the newest first.",
            [before],
            async asked =>
                asked.SayAll(
                    await asked
                        .Use<ListNotices>()
                        .RunAsync(asked.Secret, asked.Get(before), asked.Cancellation),
                    one =>
                        $"{one.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}  case {one.CaseId}  {one.Moment}",
                    "There is nothing that you had to be told."
                )
        );
    }

    static string Said(CaseSla sla) =>
        $"{sla.Name}: to answer, {sla.ResponseWhy}; to resolve, {sla.ResolutionWhy}.";
}
