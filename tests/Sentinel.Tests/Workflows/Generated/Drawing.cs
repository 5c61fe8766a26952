using System.Text.Json.Nodes;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>A program as somebody would draw it.</summary>
sealed class Drawing
{
    readonly JsonArray variables = [];

    public static JsonObject Of(Program program)
    {
        var drawing = new Drawing();
        var root = drawing.Flowchart("flow", program);
        return new JsonObject
        {
            ["definitionId"] = "generated",
            ["variables"] = drawing.variables,
            ["root"] = root,
        };
    }

    JsonObject Flowchart(string id, Program program)
    {
        var chart = new Chart();
        var begin = chart.Add(Activity($"{id}-begin", "Elsa.Start"), []);
        Draw(chart, program, begin);
        return new JsonObject
        {
            ["id"] = id,
            ["type"] = "Elsa.Flowchart",
            ["activities"] = chart.Activities,
            ["connections"] = chart.Connections,
        };
    }

    /// <summary>Adds it behind those ends; returns the ends where what comes next is connected.</summary>
    List<(string, string)> Draw(Chart chart, Program program, List<(string, string)> ends)
    {
        if (ends.Count == 0)
            return [];
        switch (program)
        {
            case Program.Act act:
                return chart.Add(Activity(act.Label, "Test.Act"), ends);
            case Program.Pause pause:
                return chart.Add(
                    Activity(pause.Label, "Elsa.Delay", ("timeSpan", Literal("00:01:00"))),
                    ends
                );
            case Program.Ask ask:
                chart.Add(Activity(ask.Label, "Test.Ask"), ends);
                return
                [
                    .. Draw(chart, ask.OnA, [(ask.Label, "A")]),
                    .. Draw(chart, ask.OnB, [(ask.Label, "B")]),
                ];
            case Program.Steps steps:
                return steps.All.Aggregate(ends, (open, one) => Draw(chart, one, open));
            case Program.Decide { Embedded: false } decide:
                chart.Add(
                    Activity(
                        decide.Label,
                        "Elsa.FlowDecision",
                        ("condition", When(decide.Label, decide.When))
                    ),
                    ends
                );
                return
                [
                    .. Draw(chart, decide.Yes, [(decide.Label, "True")]),
                    .. Draw(chart, decide.No, [(decide.Label, "False")]),
                ];
            case Program.Choose choose:
                return DrawChoice(chart, choose, ends);
            case Program.Fork fork:
                return DrawFork(chart, fork, ends);
            case Program.Race race:
                return DrawRace(chart, race, ends);
            case Program.Repeat repeat:
                return DrawRepeat(chart, repeat, ends);
            case Program.End end:
                chart.Add(Activity(end.Label, "Elsa.End"), ends);
                return [];
            case Program.Finish finish:
                chart.Add(Activity(finish.Label, "Elsa.Finish"), ends);
                return [];
            case Program.Nothing:
                return ends;
            default:
                return chart.Add(Whole(program), ends);
        }
    }

    /// <summary>As one activity, whatever it is.</summary>
    JsonObject Whole(Program program)
    {
        switch (program)
        {
            case Program.Decide { Embedded: true } decide:
                var choice = Activity(
                    decide.Label,
                    "Elsa.If",
                    ("condition", When(decide.Label, decide.When))
                );
                choice["then"] = Flowchart($"{decide.Label}-then", decide.Yes);
                if (decide.No is not Program.Nothing)
                    choice["else"] = Flowchart($"{decide.Label}-else", decide.No);
                return choice;
            case Program.Loop { Counts: true } loop:
                var counted = Activity(
                    loop.Label,
                    "Elsa.For",
                    ("start", Literal(1)),
                    ("end", Literal(loop.Times))
                );
                counted["body"] = Flowchart($"{loop.Label}-body", loop.Body);
                return counted;
            case Program.Loop loop:
                var (get, set) = Counter(loop.Label);
                var reset = Activity(
                    $"{loop.Label}-reset",
                    "Elsa.SetVariable",
                    ("value", Literal(0))
                );
                reset["variable"] = new JsonObject { ["id"] = loop.Label };
                var whilst = Activity(
                    loop.Label,
                    "Elsa.While",
                    ("condition", Script($"({set}({get}() + 1), {get}() <= {loop.Times})"))
                );
                whilst["body"] = Flowchart($"{loop.Label}-body", loop.Body);
                return Sequence($"{loop.Label}-whole", [reset, whilst]);
            case Program.Break leave:
                var unless = Activity(
                    $"{leave.Label}-if",
                    "Elsa.If",
                    ("condition", When(leave.Label, leave.When))
                );
                unless["then"] = Activity(leave.Label, "Elsa.Break");
                return unless;
            case Program.Nested { InOrder: true, Body: Program.Steps steps } nested
                when steps.All.All(one => one is Program.Act or Program.Pause or Program.Loop):
                return Sequence(nested.Label, steps.All.Select(Whole));
            case Program.Nested nested:
                return Flowchart(nested.Label, nested.Body);
            case Program.Act act:
                return Activity(act.Label, "Test.Act");
            case Program.Pause pause:
                return Activity(pause.Label, "Elsa.Delay", ("timeSpan", Literal("00:01:00")));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    List<(string, string)> DrawChoice(
        Chart chart,
        Program.Choose choose,
        List<(string, string)> ends
    )
    {
        var activity = Activity(
            choose.Label,
            "Elsa.FlowSwitch",
            ("mode", Literal(choose.All ? "MatchAny" : "MatchFirst"))
        );
        // All are asked each time, so that the n-th time is the same for whoever counts.
        foreach (var one in choose.Cases)
            Counter(one.Label);
        var all = string.Join(
            ',',
            choose.Cases.Select(one => $"set{Pascal(one.Label)}(get{Pascal(one.Label)}() + 1)")
        );
        var count = Activity(
            $"{choose.Label}-count",
            "Elsa.SetVariable",
            ("value", Script($"({all}, 0)"))
        );
        count["variable"] = new JsonObject { ["id"] = Unused() };
        ends = chart.Add(count, ends);
        activity["cases"] = new JsonArray([
            .. choose.Cases.Select(one =>
                (JsonNode)
                    new JsonObject
                    {
                        ["label"] = one.Label,
                        ["condition"] = new JsonObject
                        {
                            ["type"] = "JavaScript",
                            ["value"] =
                                $"get{Pascal(one.Label)}() % {one.When.Of} < {one.When.Below}",
                        },
                    }
            ),
        ]);
        chart.Add(activity, ends);
        return
        [
            .. choose.Cases.SelectMany(one => Draw(chart, one.Then, [(choose.Label, one.Label)])),
            .. Draw(chart, choose.Otherwise, [(choose.Label, "Default")]),
        ];
    }

    List<(string, string)> DrawFork(Chart chart, Program.Fork fork, List<(string, string)> ends)
    {
        var ports = AddFork(chart, fork.Label, fork.Branches.Count, ends);
        var open = fork
            .Branches.Zip(
                ports,
                (branch, port) => (port, Ends: Draw(chart, branch, [(fork.Label, port)]))
            )
            .SelectMany(one =>
                fork.Join == "WaitAll"
                    ? Together(chart, $"{fork.Label}-{one.port}", one.Ends)
                    : one.Ends
            )
            .ToList();
        return fork.Join is null
            ? open
            : chart.Add(
                Activity($"{fork.Label}-join", "Elsa.FlowJoin", ("mode", Literal(fork.Join))),
                open
            );
    }

    static List<string> AddFork(Chart chart, string label, int ways, List<(string, string)> ends)
    {
        var ports = Enumerable.Range(0, ways).Select(number => $"way{number}").ToList();
        chart.Add(
            Activity(
                label,
                "Elsa.FlowFork",
                ("branches", Script($"[{string.Join(',', ports.Select(port => $"'{port}'"))}]"))
            ),
            ends
        );
        return ports;
    }

    List<(string, string)> DrawRace(Chart chart, Program.Race race, List<(string, string)> ends)
    {
        var ports = AddFork(chart, race.Label, race.Losers.Count + 1, ends);
        List<(string, string)> arriving = [];
        foreach (var (port, place) in ports.Select((port, place) => (port, place)))
            if (place == race.Place)
                arriving.AddRange(
                    Together(
                        chart,
                        $"{race.Label}-won",
                        Draw(chart, race.Winner, [(race.Label, port)])
                    )
                );
            else
            {
                var loser = race.Losers[place < race.Place ? place : place - 1];
                var waiting = chart.Add(
                    Activity($"{loser}-wait", StormyHost.Never),
                    [(race.Label, port)]
                );
                arriving.AddRange(chart.Add(Activity(loser, "Test.Act"), waiting));
            }
        return chart.Add(
            Activity($"{race.Label}-join", "Elsa.FlowJoin", ("mode", Literal("WaitAny"))),
            arriving
        );
    }

    /// <summary>Who waits for all ways would wait for ever for two of which one is taken.</summary>
    List<(string, string)> Together(Chart chart, string label, List<(string, string)> ends)
    {
        if (ends.Count < 2)
            return ends;
        var one = Activity(label, "Elsa.SetVariable", ("value", Literal(0)));
        one["variable"] = new JsonObject { ["id"] = Unused() };
        return chart.Add(one, ends);
    }

    List<(string, string)> DrawRepeat(
        Chart chart,
        Program.Repeat repeat,
        List<(string, string)> ends
    )
    {
        var (get, _) = Counter(repeat.Label);
        var reset = Activity($"{repeat.Label}-reset", "Elsa.SetVariable", ("value", Literal(0)));
        reset["variable"] = new JsonObject { ["id"] = repeat.Label };
        var count = Activity(
            $"{repeat.Label}-count",
            "Elsa.SetVariable",
            ("value", Script($"{get}() + 1"))
        );
        count["variable"] = new JsonObject { ["id"] = repeat.Label };
        var inside = Draw(chart, repeat.Body, chart.Add(count, chart.Add(reset, ends)));
        if (inside.Count == 0)
            return [];
        chart.Add(
            Activity(
                repeat.Label,
                "Elsa.FlowDecision",
                ("condition", Script($"{get}() < {repeat.Times}"))
            ),
            inside
        );
        chart.Connect(repeat.Label, "True", $"{repeat.Label}-count");
        return [(repeat.Label, "False")];
    }

    JsonObject When(string label, Program.Rule rule)
    {
        var (get, set) = Counter(label);
        return Script($"({set}({get}() + 1), {get}() % {rule.Of} < {rule.Below})");
    }

    (string Get, string Set) Counter(string label)
    {
        variables.Add(
            new JsonObject
            {
                ["id"] = label,
                ["name"] = label,
                ["typeName"] = "Int32",
                ["value"] = "0",
            }
        );
        return ($"get{Pascal(label)}", $"set{Pascal(label)}");
    }

    string Unused()
    {
        if (variables.All(variable => (string?)variable!["id"] != "unused"))
            Counter("unused");
        return "unused";
    }

    static JsonObject Sequence(string id, IEnumerable<JsonObject> inside) =>
        new()
        {
            ["id"] = id,
            ["type"] = "Elsa.Sequence",
            ["activities"] = new JsonArray([.. inside]),
        };

    static JsonObject Activity(
        string id,
        string type,
        params (string Name, JsonObject Value)[] inputs
    )
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type };
        foreach (var (name, value) in inputs)
            activity[name] = value;
        return activity;
    }

    static JsonObject Literal(JsonNode value) => Expression("Literal", value);

    static JsonObject Script(string text) => Expression("JavaScript", text);

    static JsonObject Expression(string type, JsonNode value) =>
        new()
        {
            ["expression"] = new JsonObject { ["type"] = type, ["value"] = value },
        };

    static string Pascal(string label) => char.ToUpperInvariant(label[0]) + label[1..];

    sealed class Chart
    {
        public JsonArray Activities { get; } = [];

        public JsonArray Connections { get; } = [];

        public List<(string, string)> Add(
            JsonObject activity,
            List<(string Activity, string Port)> ends
        )
        {
            var id = (string)activity["id"]!;
            Activities.Add(activity);
            foreach (var (source, port) in ends)
                Connect(source, port, id);
            return [(id, "Done")];
        }

        public void Connect(string source, string port, string target) =>
            Connections.Add(
                new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = source, ["port"] = port },
                    ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
                }
            );
    }
}
