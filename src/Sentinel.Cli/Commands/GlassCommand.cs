using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Glass;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What is taken in an emergency, and looked at by somebody else afterwards.</summary>
static class GlassCommand
{
    public static Command Build() =>
        new("glass", "Break the glass: take a permission in an emergency, mend it, review it.")
        {
            List(),
            Break(),
            Mend(),
            Review(),
        };

    static Command List() =>
        CaseworkCommands.Build(
            "list",
            "List what was taken in emergencies, the newest first.",
            [],
            async asked =>
            {
                var outcome = await asked
                    .Use<ListGlass>()
                    .RunAsync(asked.Secret, asked.Cancellation);
                var names = await asked.NamesAsync();
                return asked.SayAll(
                    outcome,
                    one =>
                        $"{one.Id}  {one.BrokenAt.UtcDateTime:yyyy-MM-dd HH:mm}  {names(one.BrokenBy)} took "
                        + $"{one.Permission} for {one.Minutes} min: {CaseText.Printable(one.Reason)} ("
                        + (
                            one.ReviewedBy is { } reviewer
                                ? $"{one.Verdict}, says {names(reviewer)})"
                                : "nobody has reviewed it)"
                        ),
                    "Nobody broke the glass."
                );
            }
        );

    static Command Break()
    {
        var permission = Words("PERMISSION", "As a refusal names it: asset.manage.");
        var minutes = new Option<int>("--minutes")
        {
            Description = "For how long, at most 240.",
            DefaultValueFactory = _ => 60,
        };
        var reason = Reason();
        return CaseworkCommands.Build(
            "break",
            "Take a permission that your role lacks, never one that decides. Somebody else reviews it.",
            [permission, minutes, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<BreakGlass>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(permission)!,
                            asked.Get(minutes),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    broken =>
                        $"You may {broken.Permission} for {broken.Minutes} min: glass {broken.Id}."
                )
        );
    }

    static Command Mend()
    {
        var id = CommandResults.Id("What 'glass break' said.");
        return CaseworkCommands.Build(
            "mend",
            "Give the permission back before its time.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<MendGlass>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    mended => $"{mended.Permission} is given back."
                )
        );
    }

    static Command Review()
    {
        var id = CommandResults.Id("See 'glass list'.");
        var verdict = Word<GlassVerdict>("VERDICT", "Whether it had to be");
        var words = Words("REVIEW", "What you saw.");
        return CaseworkCommands.Build(
            "review",
            "Say whether what somebody else took had to be.",
            [id, verdict, words],
            async asked =>
                asked.Say(
                    await asked
                        .Use<ReviewGlass>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(verdict) == GlassVerdict.Justified,
                            asked.Get(words)!,
                            asked.Cancellation
                        ),
                    reviewed => $"Reviewed: {reviewed.Verdict}."
                )
        );
    }

    enum GlassVerdict
    {
        Justified,
        Unjustified,
    }
}
