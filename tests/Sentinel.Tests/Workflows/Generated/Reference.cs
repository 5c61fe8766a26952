using System.Globalization;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>What happened where: one thing, things after each other, or things beside each other.</summary>
abstract record Course
{
    public sealed record Of(string What) : Course;

    public sealed record After(IReadOnlyList<Course> Parts) : Course;

    public sealed record Beside(IReadOnlyList<Course> Parts) : Course;

    public IEnumerable<string> All() =>
        this switch
        {
            Of one => [one.What],
            After after => after.Parts.SelectMany(part => part.All()),
            Beside beside => beside.Parts.SelectMany(part => part.All()),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>The first two things that happened in the wrong order, or null.</summary>
    public string? Disorder(IReadOnlyDictionary<string, int> places)
    {
        var parts = this switch
        {
            After after => after.Parts,
            Beside beside => beside.Parts,
            _ => [],
        };
        if (
            parts
                .Select(part => part.Disorder(places))
                .FirstOrDefault(found => found is not null) is
            { } deep
        )
            return deep;
        if (this is not After)
            return null;
        var happened = parts
            .Select(part => part.All().ToList())
            .Where(all => all.Count > 0)
            .ToList();
        foreach (var (one, next) in happened.Zip(happened.Skip(1)))
        {
            var (last, first) = (
                one.MaxBy(what => places[what])!,
                next.MinBy(what => places[what])!
            );
            if (places[last] > places[first])
                return $"{first} before {last}";
        }
        return null;
    }
}

/// <summary>Carries a program out by its meaning: a hundred lines without a queue, a counter of visits or a connection.</summary>
sealed class Reference
{
    enum Left
    {
        Normally,
        Loop,
        Flowchart,
        Everything,
    }

    readonly Dictionary<string, int> times = [];

    public static Course Run(Program program) => new Reference().Do(program).Course;

    /// <summary>What is answered to the n-th question of a label, from 1.</summary>
    public static string Answer(string label, int time) =>
        (label.Length + label[^1] + time) % 2 == 0 ? "A" : "B";

    (Course Course, Left Left) Do(Program program)
    {
        switch (program)
        {
            case Program.Act act:
                return (Happens(act.Label), Left.Normally);
            case Program.Ask ask:
                var asked = Happens(ask.Label);
                var branch = Answer(ask.Label, times[ask.Label]) == "A" ? ask.OnA : ask.OnB;
                var (answered, left) = Do(branch);
                return (new Course.After([asked, answered]), left);
            case Program.Steps steps:
                return InOrder(steps.All);
            case Program.Decide decide:
                var decided = Do(decide.When.Holds(Time(decide.Label)) ? decide.Yes : decide.No);
                return decide.Embedded ? Contained(decided) : decided;
            case Program.Choose choose:
                var holding = choose.Cases.Where(one => one.When.Holds(Time(one.Label))).ToList();
                return holding.Count == 0 ? Do(choose.Otherwise)
                    : choose.All ? Together(holding.Select(one => one.Then))
                    : Do(holding[0].Then);
            case Program.Fork fork:
                return Together(fork.Branches);
            case Program.Race race:
                return Do(race.Winner);
            case Program.Repeat repeat:
                return InOrder(Enumerable.Repeat(repeat.Body, repeat.Times));
            case Program.Loop loop:
                var rounds = InOrder(Enumerable.Repeat(Whole(loop.Body), loop.Times));
                return (rounds.Course, rounds.Left == Left.Loop ? Left.Normally : rounds.Left);
            case Program.Break leave:
                return (Quiet, leave.When.Holds(Time(leave.Label)) ? Left.Loop : Left.Normally);
            case Program.Nested nested:
                return Contained(Do(nested.Body));
            case Program.End:
                return (Quiet, Left.Flowchart);
            case Program.Finish:
                return (Quiet, Left.Everything);
            default:
                return (Quiet, Left.Normally);
        }
    }

    static Course Quiet => new Course.After([]);

    static Program Whole(Program body) => new Program.Nested("", body, false);

    static (Course Course, Left Left) Contained((Course Course, Left Left) inner) =>
        (inner.Course, inner.Left == Left.Flowchart ? Left.Normally : inner.Left);

    (Course Course, Left Left) InOrder(IEnumerable<Program> all)
    {
        List<Course> done = [];
        foreach (var one in all)
        {
            var (course, left) = Do(one);
            done.Add(course);
            if (left != Left.Normally)
                return (new Course.After(done), left);
        }
        return (new Course.After(done), Left.Normally);
    }

    (Course, Left) Together(IEnumerable<Program> all) =>
        (new Course.Beside([.. all.Select(one => Do(one).Course)]), Left.Normally);

    Course Happens(string label)
    {
        var time = Time(label);
        return new Course.Of(string.Create(CultureInfo.InvariantCulture, $"{label}#{time}"));
    }

    int Time(string label) => times[label] = times.GetValueOrDefault(label) + 1;
}
