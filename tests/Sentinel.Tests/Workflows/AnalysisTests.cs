using System.Text.Json;
using Sentinel.Psa.Automation;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Publication;

namespace Sentinel.Tests.Workflows;

/// <summary>What would run and is still not what anybody meant.</summary>
public class AnalysisTests
{
    const string Decide =
        """{"id":"d","type":"Elsa.FlowDecision","condition":{"expression":{"type":"Literal","value":"true"}}}""";

    [Fact]
    public void A_flow_that_makes_sense_has_no_problems() =>
        Assert.Empty(Problems($"{Start("a")},{Decide},{Start("b")}", "a>d", "d:True>b"));

    [Fact]
    public void What_nothing_leads_to_is_named()
    {
        var problem = Assert.Single(Problems($"{Start("a")},{Event("island")}", "island>island"));
        Assert.Equal(("WFL040", "island"), (problem.Code, problem.Where));
    }

    [Fact]
    public void A_port_that_is_never_left_by_is_told_with_those_that_are()
    {
        var problem = Assert.Single(
            Problems($"{Start("a")},{Decide},{Start("b")}", "a>d", "d:Yes>b")
        );
        Assert.Equal(("WFL041", "d"), (problem.Code, problem.Where));
        Assert.Contains("True, False", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ask:Approved>b", "WFL042")]
    [InlineData("ask:Expired>b", null)]
    public void A_time_limit_leads_somewhere(string way, string? code)
    {
        const string ask =
            """{"id":"ask","type":"Sentinel.AwaitApproval","expiresAfter":{"expression":{"type":"Literal","value":"01:00:00"}}}""";
        Assert.Equal(code, Problems($"{ask},{Event("b")}", way).SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("WaitAll", true)]
    [InlineData("WaitAny", false)]
    [InlineData("WaitAllActive", false)]
    public void A_join_of_both_ways_of_a_decision_can_never_fire(string mode, bool told)
    {
        var problems = Problems(
            $"{Start("a")},{Decide},{Event("t")},{Event("f")},{Join(mode)}",
            "a>d",
            "d:True>t",
            "d:False>f",
            "t>j",
            "f>j"
        );
        Assert.Equal(told ? ["WFL043"] : [], problems.Select(problem => problem.Code));
    }

    [Fact]
    public void A_join_of_both_branches_of_a_fork_can_fire()
    {
        const string fork =
            """{"id":"k","type":"Elsa.FlowFork","branches":{"expression":{"type":"Object","value":"[\"x\",\"y\"]"}}}""";
        Assert.Empty(
            Problems(
                $"{fork},{Event("t")},{Event("f")},{Join("WaitAll")}",
                "k:x>t",
                "k:y>f",
                "t>j",
                "f>j"
            )
        );
    }

    [Fact]
    public void Both_exits_of_rounds_of_a_loop_may_be_followed_one_after_the_other() =>
        Assert.DoesNotContain(
            Problems(
                $"{Event("a")},{Decide},{Event("again")},{Start("out")},{Join("WaitAll")}",
                "a>d",
                "d:False>again",
                "again>a",
                "again>j",
                "d:True>out",
                "out>j"
            ),
            problem => problem.Code == "WFL043"
        );

    [Fact]
    public void A_loop_without_exit_is_named_with_all_in_it()
    {
        var problem = Assert.Single(
            Problems($"{Start("a")},{Event("b")},{Event("c")}", "a>b", "b>c", "c>b")
        );
        Assert.Equal("WFL044", problem.Code);
        Assert.Contains("b, c", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_a_decision_may_end_has_an_exit() =>
        Assert.Empty(Problems($"{Event("b")},{Decide}", "b>d", "d:False>b"));

    [Theory]
    [InlineData("getInput('Owner')", "w>ask", "WFL045")]
    [InlineData("getInput('Manager')", "w>ask", null)]
    [InlineData("getInput('Owner')", "ask:Rejected>w", null)]
    [InlineData("getInput('Owner') + next()", "w>ask", null)]
    public void Nobody_is_asked_about_what_they_did_before(string decider, string way, string? code)
    {
        var work =
            """{"id":"w","type":"Sentinel.CreateTask","taskType":{"expression":{"type":"Literal","value":"contain"}},"description":{"expression":{"type":"Literal","value":"Do it"}},"assignee":{"expression":{"type":"JavaScript","value":"getInput('Owner')"}}}""";
        var ask =
            $$$$"""{"id":"ask","type":"Sentinel.AwaitApproval","assignee":{"expression":{"type":"JavaScript","value":"{{{{decider}}}}"}}}""";
        Assert.Equal(code, Problems($"{work},{ask}", way).SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("", "", "Sent", "It never leaves by 'Sent'")]
    [InlineData("", "", "Succeeded", null)]
    [InlineData("Literal", "true", "Sent", null)]
    [InlineData("Literal", "\"true\"", "Sent", null)]
    [InlineData("Literal", "1", "Sent", null)]
    [InlineData("Literal", "\"\"", "Succeeded", null)]
    [InlineData("Literal", "true", "Succeeded", "It never leaves by 'Succeeded'")]
    [InlineData("JavaScript", "\"late()\"", "Sent", null)]
    [InlineData("JavaScript", "\"late()\"", "Succeeded", null)]
    public void A_port_that_an_input_closes_leads_nowhere(
        string kind,
        string value,
        string port,
        string? told
    )
    {
        var when =
            kind == ""
                ? ""
                : $$$$""","continueWhenSent":{"expression":{"type":"{{{{kind}}}}","value":{{{{value}}}}}}""";
        var act =
            $$$$"""{"id":"act","type":"Sentinel.EdrAction","connector":{"expression":{"type":"Literal","value":"edr"}},"action":{"expression":{"type":"Literal","value":"isolate"}}{{{{when}}}}}""";
        var problem = Problems($"{act},{Event("b")}", $"act:{port}>b").SingleOrDefault();
        Assert.Equal(told is null ? null : "WFL041", problem?.Code);
        Assert.StartsWith(told ?? "", problem?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Literal", null)]
    [InlineData("JavaScript", "WFL046")]
    public void An_event_that_starts_the_workflow_goes_by_a_name_that_stands_there(
        string kind,
        string? code
    )
    {
        var trigger = $$$$"""
            {"id":"t","type":"Elsa.Event","customProperties":{"canStartWorkflow":true},
             "eventName":{"expression":{"type":"{{{{kind}}}}","value":"'go'"}}}
            """;
        Assert.Equal(code, Problems($"{Start("a")},{trigger}").SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("Elsa.Timer", "interval", "01:00:00")]
    [InlineData("Elsa.StartAt", "dateTime", "2026-01-01T00:00:00Z")]
    [InlineData("Elsa.Cron", "cronExpression", "0 7 * * *")]
    public void A_time_is_waited_for_and_starts_nothing(string type, string input, string value)
    {
        string Timed(string custom) =>
            $$$$"""{"id":"t","type":"{{{{type}}}}"{{{{custom}}}},"{{{{input}}}}":{"expression":{"type":"Literal","value":"{{{{value}}}}"}}}""";
        Assert.Empty(Problems(Timed("")));
        var problem = Assert.Single(
            Problems(Timed(""","customProperties":{"canStartWorkflow":true}"""))
        );
        Assert.Equal(("WFL047", "t"), (problem.Code, problem.Where));
    }

    [Theory]
    [InlineData("Elsa.Event", "WFL040", "a", "from 'm', which is marked")]
    [InlineData("Elsa.Start", "WFL048", "m", "'a' leads to it")]
    public void What_is_marked_to_start_it_in_the_middle_is_told(
        string first,
        string code,
        string where,
        string why
    )
    {
        static string Marked(string id) =>
            Event(id)
                .Replace(
                    "\"type\"",
                    "\"customProperties\":{\"canStartWorkflow\":true},\"type\"",
                    StringComparison.Ordinal
                );
        var begins = first == "Elsa.Start" ? Start("a") : Event("a");
        var problem = Assert.Single(Problems($"{begins},{Marked("m")}", "a>m"));
        Assert.Equal((code, where), (problem.Code, problem.Where));
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.Empty(Problems($"{Start("a")},{Marked("m")},{Event("b")}", "a>b", "m>b"));
    }

    [Fact]
    public void A_test_begins_at_a_trigger_with_what_the_event_tells()
    {
        const string trigger = """
            {"id":"t","type":"Elsa.Event","customProperties":{"canStartWorkflow":true},
             "eventName":{"expression":{"type":"Literal","value":"go"}}}
            """;
        const string told = """
            {"id":"o","type":"Elsa.SetOutput","outputName":{"expression":{"type":"Literal","value":"Told"}},
             "outputValue":{"expression":{"type":"JavaScript","value":"getOutputFrom('t', 'Result')"}}}
            """;
        var tests = """
            [{"name":"told","steps":[{"start":{},"triggerActivityId":"t","payload":"gone"}],
              "expect":{"status":"Finished","path":["t","o"],"outputs":{"Told":"gone"}}}]
            """;
        Assert.Empty(Examine($"{Start("a")},{trigger},{told}", ["t>o"], tests).Problems);
        var misspelt = tests.Replace("\":\"t\"", "\":\"u\"", StringComparison.Ordinal);
        Assert.Contains(
            "there is no activity 'u' to start at",
            Examine($"{Start("a")},{trigger},{told}", ["t>o"], misspelt).Problems[0].Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_red_test_keeps_a_definition_from_being_published()
    {
        var examined = Examine(
            Event("a"),
            [],
            """[{"name":"waits","steps":[{"start":{}}],"expect":{"status":"Finished"}}]"""
        );
        Assert.Null(examined.Definition);
        var problem = Assert.Single(examined.Problems);
        Assert.Equal(("WFL051", "test 'waits'"), (problem.Code, problem.Where));
        Assert.Contains("Suspended", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("[{}]")]
    [InlineData("""[{"steps":[]}]""")]
    [InlineData("""[{"steps":[{"event":{"name":"x"}}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"start":{}}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"sing":{}}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"resume":{"outcome":"Done"}}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"advance":"soon"}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"advance":"10000000.00:00:00"}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"advance":"-00:00:01"}]}]""")]
    [InlineData("""[{"steps":[{"start":{}},{"advance":1e300}]}]""")]
    [InlineData(
        """[{"steps":[{"start":{}},{"resume":{"activity":"a","outcome":"Done","output":{}}}]}]"""
    )]
    [InlineData(
        """[{"steps":[{"start":{}},{"resume":{"activity":"a","outcome":"Done","outputs":7}}]}]"""
    )]
    [InlineData("""[{"steps":[{"start":{},"cancel":{}}]}]""")]
    [InlineData("""[{"answers":{"a":{"outcom":"Done"}},"steps":[{"start":{}}]}]""")]
    [InlineData("""[{"steps":[{"start":{}}],"expects":{}}]""")]
    public void A_test_that_is_none_is_refused_and_never_thrown_at(string tests)
    {
        Assert.Contains(
            Examine(Event("a"), [], tests).Problems,
            problem => problem.Code == "WFL050"
        );
    }

    [Theory]
    [InlineData("a", "Done", "name one that acts")]
    [InlineData("w", "Dnoe", "it has Done")]
    public void An_answer_that_nobody_gives_is_told(string activity, string outcome, string told)
    {
        const string work =
            """{"id":"w","type":"Sentinel.CreateTask","taskType":{"expression":{"type":"Literal","value":"contain"}},"description":{"expression":{"type":"Literal","value":"Do it"}}}""";
        var tests =
            $$$$"""[{"answers":{"{{{{activity}}}}":{"outcome":"{{{{outcome}}}}"}},"steps":[{"start":{}}]}]""";
        Assert.Contains(
            told,
            Assert.Single(Examine($"{work},{Event("a")}", ["w>a"], tests).Problems).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("""{"resume":{"activity":"nobody","outcome":"Done"}}""")]
    [InlineData("""{"completeTask":{"activity":"nobody"}}""")]
    [InlineData("""{"event":{"name":"other"}}""")]
    public void A_step_that_nothing_waits_for_is_told(string step)
    {
        var examined = Examine(Event("a"), [], $$$"""[{"steps":[{"start":{}},{{{step}}}]}]""");
        Assert.Contains(
            "steps[1]: nothing waits",
            Assert.Single(examined.Problems).Message,
            StringComparison.Ordinal
        );
    }

    static string Start(string id) => $$"""{"id":"{{id}}","type":"Elsa.Start"}""";

    static string Event(string id) =>
        $$$$"""{"id":"{{{{id}}}}","type":"Elsa.Event","eventName":{"expression":{"type":"Literal","value":"{{{{id}}}}"}}}""";

    static string Join(string mode) =>
        $$$$"""{"id":"j","type":"Elsa.FlowJoin","mode":{"expression":{"type":"Literal","value":"{{{{mode}}}}"}}}""";

    static IReadOnlyList<WorkflowProblem> Problems(string activities, params string[] ways) =>
        Examine(activities, ways, "[]").Problems;

    static ExaminedWorkflow Examine(string activities, string[] ways, string tests)
    {
        var connections = ways.Select(way =>
        {
            var (source, target) = (way.Split('>')[0], way.Split('>')[1]);
            var port = source.Contains(':') ? source.Split(':')[1] : "Done";
            return new
            {
                source = source.Split(':')[0],
                sourcePort = port,
                target,
            };
        });
        return new ExamineWorkflow(CaseActivities.Catalogue(TimeProvider.System)).Run(
            $$$"""
            {"definitionId":"d","customProperties":{"tests": {{{tests}}} },
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[{{{activities}}}],
                     "connections": {{{JsonSerializer.Serialize(connections)}}} }}
            """
        );
    }
}
