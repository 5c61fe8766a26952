using System.Text.Json;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Tests.Workflows;

/// <summary>What is repeated, chosen and waited for, in virtual time.</summary>
public class LoopTests
{
    static readonly ActivityCatalogue activities = new([
        Some.Acting("Test.Note"),
        Some.Asking("Test.Ask"),
    ]);

    [Theory]
    [InlineData(1, 3, 1, true, "1 2 3")]
    [InlineData(1, 3, 1, false, "1 2")]
    [InlineData(3, 1, -1, true, "3 2 1")]
    [InlineData(0, 10, 4, true, "0 4 8")]
    [InlineData(0, 8, 4, false, "0 4")]
    [InlineData(3, 1, 1, true, "")]
    [InlineData(5, 5, 1, true, "5")]
    [InlineData(5, 5, 1, false, "")]
    public void For_goes_through_its_numbers(int start, int end, int step, bool last, string said)
    {
        var loop =
            $"{{{Head("loop", "Elsa.For")},{Literal("start", start)},{Literal("end", end)},{Literal("step", step)},{Literal("outerBoundInclusive", last)},\"body\":{Say("getCurrentValue()")}}}";
        Assert.Equal(said, Said(Run(loop)));
    }

    [Fact]
    public void ForEach_goes_through_its_items_and_knows_their_places() =>
        Assert.Equal(
            "0:a 1:b 2:c",
            Said(
                Run(
                    $"{{{Head("loop", "Elsa.ForEach")},{Script("items", "['a','b','c']")},\"body\":{Say("getVariable('CurrentIndex') + ':' + getCurrentValue()")}}}"
                )
            )
        );

    [Fact]
    public void The_inner_loop_is_the_one_that_is_asked()
    {
        var inner =
            $"{{{Head("inner", "Elsa.For")},{Script("end", "getCurrentValue()")},{Literal("start", 1)},\"body\":{Say("getCurrentValue()")}}}";
        Assert.Equal(
            "1 1 2",
            Said(
                Run(
                    $"{{{Head("outer", "Elsa.For")},{Literal("start", 1)},{Literal("end", 2)},\"body\":{inner}}}"
                )
            )
        );
    }

    [Fact]
    public void While_asks_its_condition_before_each_round()
    {
        var body = Sequence(Say("getSaid().length"), Set("getCount() + 1"));
        Assert.Equal(
            "0 1 3",
            Said(
                Run(
                    $"{{{Head("loop", "Elsa.While")},{Script("condition", "getCount() < 3")},\"body\":{body}}}"
                )
            )
        );
    }

    [Fact]
    public void Break_leaves_the_loop_around_it_and_nothing_else()
    {
        var choice =
            $"{{{Head("if", "Elsa.If")},{Script("condition", "getCurrentValue() === 3")},\"then\":{{{Head("break", "Elsa.Break")}}}}}";
        var loop =
            $"{{{Head("loop", "Elsa.For")},{Literal("start", 1)},{Literal("end", 9)},\"body\":{Sequence(choice, Say("getCurrentValue()"))}}}";
        var run = Run(loop);
        Assert.Equal("1 2", Said(run));
        Assert.Equal("Finished", run.Status);
        Assert.Equal("end", run.Path[^1]);
    }

    [Fact]
    public void Break_cancels_what_waits_beside_it()
    {
        var fork = $"{{{Head("fork", "Elsa.FlowFork")},{Script("branches", "['x','y']")}}}";
        var body =
            $"{{{Head("inside", "Elsa.Flowchart")},\"activities\":[{fork},{{{Head("ask", "Test.Ask")}}},{{{Head("break", "Elsa.Break")}}}],\"connections\":[{Way("fork:x>ask")},{Way("fork:y>break")}]}}";
        var run = Run(
            $"{{{Head("loop", "Elsa.While")},{Literal("condition", true)},\"body\":{body}}}"
        );
        Assert.Equal("Finished", run.Status);
        Assert.Contains(run.Journal, row => row is { Activity: "ask", Event: "Canceled" });
    }

    [Theory]
    [InlineData("true", "then")]
    [InlineData("false", "else")]
    public void If_does_one_of_two_things(string condition, string chosen)
    {
        var run = Run(
            $"{{{Head("if", "Elsa.If")},{Script("condition", condition)},\"then\":{{{Head("then", "Test.Note")}}},\"else\":{{{Head("else", "Test.Note")}}}}}"
        );
        Assert.Equal([chosen, "end"], run.Path);
    }

    [Fact]
    public void A_loop_that_waits_in_each_round_goes_on_with_the_same_item_after_it()
    {
        var body = Sequence($"{{{Head("ask", "Test.Ask")}}}", Say("getCurrentValue()"));
        var run = Run(
            $"{{{Head("loop", "Elsa.ForEach")},{Script("items", "['a','b']")},\"body\":{body}}}",
            """{"resume":{"activity":"ask","outcome":"Done"}}""",
            """{"resume":{"activity":"ask","outcome":"Done"}}"""
        );
        Assert.Equal(("a b", "Finished"), (Said(run), run.Status));
    }

    [Fact]
    public void What_never_ends_is_stopped_and_says_so()
    {
        var run = Run(
            $"{{{Head("loop", "Elsa.While")},{Script("condition", "true")},\"body\":{{{Head("note", "Test.Note")}}}}}"
        );
        Assert.Equal("Faulted", run.Status);
        Assert.Contains(
            run.Journal,
            row => row.Message?.Contains("loop", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public void A_condition_that_fails_is_the_loops_fault()
    {
        var run = Run(
            $"{{{Head("loop", "Elsa.While")},{Script("condition", "!getSaid() || nothing.here")},\"body\":{Say("'once'")}}}"
        );
        Assert.Equal("loop", Assert.Single(run.Journal, row => row.Event == "Faulted").Activity);
    }

    [Theory]
    [InlineData("Elsa.ForEach", "items", "[oops")]
    [InlineData("Elsa.ForEach", "items", "5")]
    [InlineData("Elsa.For", "step", "0")]
    public void A_loop_over_what_is_none_is_a_fault(string type, string input, string value)
    {
        var run = Run(
            $"{{{Head("loop", type)},{Script("end", "3")},{Script(input, $"'{value}'")},\"body\":{{{Head("note", "Test.Note")}}}}}".Replace(
                type == "Elsa.ForEach" ? $"{Script("end", "3")}," : "?",
                "",
                StringComparison.Ordinal
            )
        );
        Assert.Equal("Faulted", run.Status);
    }

    [Fact]
    public void A_time_beyond_the_calendar_is_a_fault() =>
        Assert.Equal(
            "Faulted",
            Run($"{{{Head("wait", "Elsa.Timer")},{Script("interval", "1e300")}}}").Status
        );

    [Theory]
    [InlineData("Elsa.Timer", "interval", "00:30:00", "00:29:59", "00:30:00")]
    [InlineData("Elsa.StartAt", "dateTime", "2026-01-02T00:00:00Z", "23:59:59", "1.00:00:00")]
    [InlineData("Elsa.StartAt", "dateTime", "2026-01-02T00:00:00+02:00", "21:59:59", "22:00:00")]
    [InlineData("Elsa.Cron", "cronExpression", "0 8 * * MON-FRI", "07:59:59", "08:00:00")]
    [InlineData("Elsa.Cron", "cronExpression", "30 0 8 * * *", "08:00:29", "08:00:30")]
    public void Time_is_waited_for_to_the_second(
        string type,
        string input,
        string value,
        string tooEarly,
        string due
    )
    {
        var wait =
            $"{{{Head("wait", type)},\"{input}\":{{\"expression\":{{\"type\":\"Literal\",\"value\":\"{value}\"}}}}}}";
        Assert.Equal("Suspended", Run(wait, $"{{\"advance\":\"{tooEarly}\"}}").Status);
        Assert.Equal("Finished", Run(wait, $"{{\"advance\":\"{due}\"}}").Status);
    }

    [Fact]
    public void A_moment_that_has_passed_is_not_waited_for() =>
        Assert.Equal(
            "Finished",
            Run(
                $"{{{Head("wait", "Elsa.StartAt")},\"dateTime\":{{\"expression\":{{\"type\":\"Literal\",\"value\":\"2025-12-31T23:59:59Z\"}}}}}}"
            ).Status
        );

    [Theory]
    [InlineData(
        """{"id":"x","type":"Elsa.While","condition":{"expression":{"type":"Literal","value":true}}}""",
        "WFL034"
    )]
    [InlineData(
        """{"id":"x","type":"Elsa.If","condition":{"expression":{"type":"Literal","value":true}}}""",
        "WFL034"
    )]
    [InlineData("""{"id":"x","type":"Elsa.Break"}""", "WFL035")]
    [InlineData(
        """{"id":"x","type":"Elsa.Cron","cronExpression":{"expression":{"type":"Literal","value":"every day"}}}""",
        "WFL036"
    )]
    [InlineData(
        """{"id":"x","type":"Elsa.StartAt","dateTime":{"expression":{"type":"Literal","value":"tomorrow"}}}""",
        "WFL025"
    )]
    [InlineData("""{"id":"x","type":"Test.Note","body":{"id":"y","type":"Test.Note"}}""", "WFL033")]
    [InlineData(
        """{"id":"x","type":"Elsa.SetOutput","outputName":{"expression":{"type":"Variable","value":"CurrentValue"}}}""",
        "WFL031"
    )]
    public void What_cannot_run_is_refused(string activity, string code)
    {
        var loaded = activities.Load(Definition(activity));
        Assert.Equal(
            [(code, "x")],
            loaded.Problems.Select(problem => (problem.Code, problem.Where))
        );
    }

    static SimulatedRun Run(string activity, params string[] steps)
    {
        var loaded = activities.Load(Definition(activity));
        Assert.Empty(loaded.Problems);
        using var script = JsonDocument.Parse(
            $"{{\"steps\":[{string.Join(',', steps.Prepend("""{"start":{}}"""))}]}}"
        );
        var run = new SimulateWorkflow(activities).Run(loaded.Definition!, script.RootElement);
        Assert.Empty(run.Problems);
        return run;
    }

    static string Said(SimulatedRun run) =>
        run.Outputs.TryGetValue("Said", out var said) ? said.GetString()!.Trim() : "";

    static string Definition(string activity)
    {
        using var parsed = JsonDocument.Parse(activity);
        var id = parsed.RootElement.GetProperty("id").GetString();
        var way = Way($"{id}:Done>end");
        return $$"""
            {"definitionId":"loops","variables":[
                {"id":"s","name":"Said","typeName":"String","value":""},
                {"id":"c","name":"Count","typeName":"Int32","value":"0"}],
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[{{activity}},{"id":"end","type":"Elsa.End"}],
                "connections":[ {{way}} ] } }
            """;
    }

    static string Say(string value) =>
        $"{{{Head("say", "Elsa.SetOutput")},{Literal("outputName", "Said")},{Script("outputValue", $"setSaid(((getSaid() || '') + ' ' + ({value})).trim()), getSaid()")}}}";

    static string Set(string value) =>
        $"{{{Head("set", "Elsa.SetVariable")},\"variable\":{{\"id\":\"c\"}},{Script("value", value)}}}";

    static string Sequence(params string[] inside) =>
        $"{{{Head("sequence", "Elsa.Sequence")},\"activities\":[{string.Join(',', inside)}]}}";

    static string Head(string id, string type) => $"\"id\":\"{id}\",\"type\":\"{type}\"";

    static string Literal(string name, object value) =>
        $"\"{name}\":{{\"expression\":{{\"type\":\"Literal\",\"value\":{JsonSerializer.Serialize(value)}}}}}";

    static string Script(string name, string text) =>
        $"\"{name}\":{{\"expression\":{{\"type\":\"JavaScript\",\"value\":{JsonSerializer.Serialize(text)}}}}}";

    static string Way(string way)
    {
        var ends = way.Split(':', '>');
        return $"{{\"source\":{{\"activity\":\"{ends[0]}\",\"port\":\"{ends[1]}\"}},\"target\":{{\"activity\":\"{ends[2]}\",\"port\":\"In\"}}}}";
    }
}
