using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Workflows.Publication;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>What is drawn does what is meant: on random programs, calm and in a storm.</summary>
public class GeneratedFlowTests
{
    [Property(MaxTest = 400)]
    public Property A_drawing_does_what_the_program_means(int seed) => Holds(seed, calm: true);

    [Property(MaxTest = 400)]
    public Property Crashes_change_nothing_and_double_nothing(int seed) => Holds(seed, calm: false);

    [Property(MaxTest = 400)]
    public Property What_can_run_is_not_refused(int seed)
    {
        var drawing = Drawing.Of(new Programs(seed).Next()).ToJsonString();
        var problems = new ExamineWorkflow(StormyHost.Activities).Run(drawing).Problems;
        return (problems.Count == 0).Label($"{string.Join('\n', problems)}\n{drawing}");
    }

    static Property Holds(int seed, bool calm)
    {
        var program = new Programs(seed).Next();
        var drawing = Drawing.Of(program).ToJsonString();
        var loaded = StormyHost.Activities.Load(drawing);
        if (loaded.Definition is not { } definition)
            return false.Label(string.Join('\n', loaded.Problems));
        var failing = definition
            .Nodes.Keys.Where(id => Failing(program).Contains(id))
            .ToHashSet(StringComparer.Ordinal);
        var host = new StormyHost(definition, failing, seed, calm);
        var status = host.Run();
        var wrong =
            status != "Finished"
                ? $"It ended as {status}."
                : Difference(Reference.Run(program), host.Outside);
        return (wrong is null).Label(
            $"{wrong}\n{program}\n{drawing}\n{string.Join(' ', host.Outside)}"
        );
    }

    static string? Difference(Course meant, List<string> outside)
    {
        var all = meant.All().ToList();
        if (all.Except(outside).FirstOrDefault() is { } missing)
            return $"{missing} never happened.";
        if (outside.Count != all.Count)
            return $"{string.Join(' ', outside.Except(all))} happened, or something twice.";
        return meant.Disorder(outside.Select((what, place) => (what, place)).ToDictionary());
    }

    static HashSet<string> Failing(Program program) =>
        program switch
        {
            Program.Act { FailsFirst: true } act => [act.Label],
            Program.Ask ask => [.. Failing(ask.OnA), .. Failing(ask.OnB)],
            Program.Steps steps => [.. steps.All.SelectMany(Failing)],
            Program.Decide decide => [.. Failing(decide.Yes), .. Failing(decide.No)],
            Program.Choose choose =>
            [
                .. choose.Cases.SelectMany(one => Failing(one.Then)),
                .. Failing(choose.Otherwise),
            ],
            Program.Fork fork => [.. fork.Branches.SelectMany(Failing)],
            Program.Race race => Failing(race.Winner),
            Program.Repeat repeat => Failing(repeat.Body),
            Program.Loop loop => Failing(loop.Body),
            Program.Nested nested => Failing(nested.Body),
            _ => [],
        };
}
