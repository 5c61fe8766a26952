using System.Globalization;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>Draws programs: the same number gives the same program.</summary>
sealed class Programs(int seed)
{
    readonly Random random = new(seed);
    int labels;

    public Program Next() =>
        Steps(new Place(Depth: random.Next(4), Forked: false, InLoop: false, Ends: false));

    /// <param name="Depth">How deep it may still go.</param>
    /// <param name="Forked">Beside other branches: what ends them all would be a race.</param>
    /// <param name="InLoop">In an embedded loop, and not beside other branches of it.</param>
    /// <param name="Ends">In a flowchart that may be ended from here.</param>
    readonly record struct Place(int Depth, bool Forked, bool InLoop, bool Ends)
    {
        public Place Below => this with { Depth = Depth - 1 };

        public Place Beside => Below with { Forked = true, InLoop = false, Ends = false };
    }

    Program Steps(Place place)
    {
        var all = Enumerable.Range(0, random.Next(1, 4)).Select(_ => One(place)).ToList();
        if (random.Next(4) == 0 && place is { Ends: true, Forked: false })
            all.Add(
                new Program.Decide(Label("d"), Rule(), Last(place), new Program.Nothing(), false)
            );
        return new Program.Steps([.. all, One(place with { Depth = 0 })]);
    }

    Program Last(Place place) =>
        place.Depth > 2 && random.Next(3) == 0
            ? new Program.Finish(Label("finish"))
            : new Program.End(Label("end"));

    Program One(Place place) =>
        place.Depth <= 0
            ? Leaf()
            : random.Next(12) switch
            {
                0 or 1 => Leaf(),
                2 => new Program.Ask(Label("ask"), Maybe(place.Below), Maybe(place.Below)),
                3 => new Program.Decide(
                    Label("d"),
                    Rule(),
                    Maybe(place.Below),
                    Maybe(place.Below),
                    false
                ),
                4 => new Program.Decide(
                    Label("if"),
                    Rule(),
                    Steps(place.Below with { Ends = !place.Forked }),
                    Maybe(place.Below with { Ends = !place.Forked }),
                    true
                ),
                5 => Choose(place),
                6 or 7 => Fork(place),
                8 => new Program.Repeat(Label("again"), random.Next(1, 4), Steps(place.Below)),
                9 => Loop(place),
                10 => Race(place),
                _ => new Program.Nested(
                    Label("inner"),
                    Steps(place.Below with { Ends = !place.Forked }),
                    random.Next(2) == 0
                ),
            };

    Program Leaf() =>
        random.Next(6) switch
        {
            0 => new Program.Pause(Label("pause")),
            1 => new Program.Ask(Label("ask"), new Program.Nothing(), new Program.Nothing()),
            _ => new Program.Act(Label("act"), random.Next(8) == 0),
        };

    Program Maybe(Place place) => random.Next(3) == 0 ? new Program.Nothing() : Steps(place);

    Program Choose(Place place)
    {
        var all = random.Next(2) == 0;
        var inside = all ? place.Beside : place.Below;
        var cases = Enumerable
            .Range(0, random.Next(1, 4))
            .Select(_ => new Program.Case(Label("case"), Rule(), Maybe(inside)))
            .ToList();
        return new Program.Choose(Label("choose"), cases, Maybe(inside), all);
    }

    Program Fork(Place place)
    {
        string?[] modes = ["WaitAll", "WaitAllActive", null];
        var branches = Enumerable
            .Range(0, random.Next(2, 4))
            .Select(_ => Maybe(place.Beside))
            .ToList();
        return new Program.Fork(Label("fork"), branches, modes[random.Next(3)]);
    }

    Program Race(Place place)
    {
        var losers = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Label("late")).ToList();
        return new Program.Race(
            Label("race"),
            Maybe(place.Beside),
            losers,
            random.Next(losers.Count + 1)
        );
    }

    Program Loop(Place place)
    {
        var inside = place.Below with { InLoop = true, Ends = !place.Forked };
        List<Program> body = [Steps(inside)];
        if (random.Next(3) == 0)
            body = [.. body, new Program.Break(Label("break"), Rule()), Leaf()];
        return new Program.Loop(
            Label("loop"),
            random.Next(4),
            new Program.Steps(body),
            random.Next(2) == 0
        );
    }

    Program.Rule Rule()
    {
        var of = random.Next(1, 4);
        return new Program.Rule(random.Next(of + 1), of);
    }

    string Label(string kind) => kind + (++labels).ToString(CultureInfo.InvariantCulture);
}
