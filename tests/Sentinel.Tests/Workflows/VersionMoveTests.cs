using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

/// <summary>What keeps an instance on its version, one reason at a time.</summary>
public class VersionMoveTests
{
    static readonly ActivityCatalogue activities = new([
        Some.Acting("Test.Act"),
        Some.Asking("Test.Ask", "Done", "Late"),
    ]);

    /// <summary>begin leads to a and b; a is done and leads to c; b waits and leads to join.</summary>
    const string Activities = """
        {"id":"begin","type":"Elsa.Start"},{"id":"a","type":"Test.Act"},{"id":"b","type":"Test.Ask"},
        {"id":"c","type":"Test.Ask"},{"id":"join","type":"Elsa.FlowJoin","mode":{"expression":{"type":"Literal","value":"WaitAll"}}}
        """;

    const string Connections = "begin>a begin>b a>c b>join c>join";

    [Theory]
    [InlineData("as it was", Activities, Connections, null)]
    [InlineData(
        "more to do after what waits",
        Activities + """,{"id":"d","type":"Test.Act"}""",
        "begin>a begin>b a>c b>d d>join c>join",
        null
    )]
    [InlineData(
        "gone",
        """{"id":"begin","type":"Elsa.Start"},{"id":"c","type":"Test.Ask"}""",
        "begin>c",
        "It has passed 'a', which the new version has not. It has passed 'begin', from which other connections lead now. It has reached 'c', to which other connections lead now. It is at 'b', which the new version has not."
    )]
    [InlineData(
        "more before what waits",
        Activities + """,{"id":"d","type":"Test.Act"}""",
        "begin>a begin>d d>b a>c b>join c>join",
        "It has passed 'begin', from which other connections lead now. It has reached 'b', to which other connections lead now."
    )]
    [InlineData(
        "what waits would come before what has begun",
        Activities,
        "begin>a begin>b a>c b>c b>join c>join",
        "It has reached 'c', to which other connections lead now."
    )]
    [InlineData(
        "another beginning",
        Activities + """,{"id":"first","type":"Test.Act"}""",
        "first>begin begin>a begin>b a>c b>join c>join",
        "It began at 'begin', and the new version begins elsewhere.",
        "first"
    )]
    public void It_goes_on_where_what_it_has_begun_and_passed_is_drawn_alike(
        string why,
        string activitiesThere,
        string connectionsThere,
        string? obstacles,
        string? startThere = null
    )
    {
        var from = Load(Activities, Connections);
        var to = Load(activitiesThere, connectionsThere, startThere);
        Assert.True(
            obstacles == Obstacles(from, to, Waiting(from)),
            $"{why}: {Obstacles(from, to, Waiting(from))}"
        );
    }

    [Fact]
    public void What_waits_stays_what_it_is_and_where_it_stands()
    {
        var from = Load("""{"id":"b","type":"Test.Ask"}""", "");
        Assert.Equal(
            "It is at 'b', which is Test.Ask and would be Elsa.Event.",
            Obstacles(
                from,
                Load(
                    """{"id":"b","type":"Elsa.Event","eventName":{"expression":{"type":"Literal","value":"x"}}}""",
                    ""
                ),
                Waiting(from)
            )
        );
        Assert.Equal(
            "It began at 'b', and the new version begins elsewhere. It is at 'b', which stands in 'flow' and would stand elsewhere.",
            Obstacles(
                from,
                Load(
                    """{"id":"in","type":"Elsa.Sequence","activities":[{"id":"b","type":"Test.Ask"}]}""",
                    ""
                ),
                Waiting(from)
            )
        );
    }

    [Theory]
    [InlineData("a,b", null)]
    [InlineData("a,b,c,d", null)]
    [InlineData("a,d,b,c", "It is at 'b', which has another place in 'in' now.")]
    [InlineData("b,a,c", "It is at 'b', which has another place in 'in' now.")]
    public void In_a_sequence_what_came_before_stays(string there, string? obstacle)
    {
        var from = Load(InOrder("a,b,c"), "");
        Assert.Equal(obstacle, Obstacles(from, Load(InOrder(there), ""), Waiting(from)));
    }

    static string InOrder(string ids) =>
        $$"""
            {"id":"in","type":"Elsa.Sequence","activities":[{{string.Join(
                ',',
                ids.Split(',').Select(id => $$"""{"id":"{{id}}","type":"{{(id == "b" ? "Test.Ask" : "Test.Act")}}"}""")
            )}}]}
            """;

    [Fact]
    public void A_choice_that_was_made_stays_made()
    {
        const string choice = """
            {"id":"if","type":"Elsa.If","condition":{"expression":{"type":"Literal","value":true}},
             "PORT":{"id":"b","type":"Test.Ask"}}
            """;
        var from = Load(choice.Replace("PORT", "then", StringComparison.Ordinal), "");
        Assert.Equal(
            "It is at 'b', which has another place in 'if' now.",
            Obstacles(
                from,
                Load(choice.Replace("PORT", "else", StringComparison.Ordinal), ""),
                Waiting(from)
            )
        );
    }

    [Theory]
    [InlineData("x,y", "x>y", "x,y", "x>y", null)]
    [InlineData("x,y", "x>y", "x,y", "y>x", Otherwise)]
    [InlineData("x", "", "y", "", Otherwise)]
    public void What_was_done_as_a_whole_stays_as_it_was_inside(
        string ids,
        string connections,
        string idsThere,
        string connectionsThere,
        string? obstacle
    )
    {
        var from = Load(Within(ids, connections), "in>b");
        var to = Load(Within(idsThere, connectionsThere), "in>b");
        Assert.Equal(obstacle, Obstacles(from, to, Waiting(from)));
    }

    const string Otherwise =
        "It has been through 'in', the inside of which is drawn otherwise now.";

    static string Within(string ids, string connections) =>
        $$$"""
            {"id":"in","type":"Elsa.Flowchart","activities":[{{{string.Join(
                ',',
                ids.Split(',').Select(id => $$"""{"id":"{{id}}","type":"Test.Act"}""")
            )}}}],
             "connections":{{{Ways(connections)}}}},{"id":"b","type":"Test.Ask"}
            """;

    [Fact]
    public void Variables_take_the_new_type_and_go_where_they_are_not_declared_any_more()
    {
        var from = Load("""{"id":"b","type":"Test.Ask"}""", "", null, "String", "gone");
        var state = Waiting(from);
        state.Variables["v"] = JsonSerializer.SerializeToElement("12");
        state.Variables["gone"] = JsonSerializer.SerializeToElement("x");
        state.Variables["undeclared"] = JsonSerializer.SerializeToElement("y");
        var to = Load("""{"id":"b","type":"Test.Ask"}""", "", null, "Int32");

        Assert.Null(Obstacles(from, to, state));
        var (moved, row) = VersionMove.Of(from, to, state, "to version 2: because");
        Assert.Equal(12, moved.Variables["v"].GetInt32());
        Assert.Equal(["undeclared", "v"], moved.Variables.Keys.Order());
        Assert.Equal(
            (state.LastRow + 1, JournalEvent.Migrated, "to version 2: because"),
            (row.Number, row.Event, row.Message)
        );

        state.Variables["v"] = JsonSerializer.SerializeToElement("twelve");
        Assert.Equal(
            "Its variable 'v' does not fit: \"twelve\" is not a number.",
            Obstacles(from, to, state)
        );
    }

    static InstanceState Waiting(WorkflowDefinition definition)
    {
        var state = WorkflowExecutor.Start(
            definition,
            Guid.Empty,
            new Dictionary<string, JsonElement>(),
            null,
            null
        );
        Stimulus stimulus = new Stimulus.Continue();
        while (true)
        {
            var step = WorkflowExecutor.Advance(definition, activities, state, stimulus, default);
            state = step.State;
            if (step.Call is not { } call)
                return state;
            stimulus = new Stimulus.Answered(
                call.Execution,
                call.Type == "Test.Ask"
                    ? new ActivityAnswer.Waiting(call.ActivityId)
                    : new ActivityAnswer.Completed("Done")
            );
        }
    }

    static string? Obstacles(WorkflowDefinition from, WorkflowDefinition to, InstanceState state) =>
        VersionMove.Obstacles(from, to, state) is { Count: > 0 } all ? string.Join(' ', all) : null;

    static string Ways(string connections) =>
        JsonSerializer.Serialize(
            connections
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(one => one.Split('>'))
                .Select(ends => new
                {
                    source = new { activity = ends[0], port = "Done" },
                    target = new { activity = ends[1], port = "In" },
                })
        );

    /// <param name="connections">As <c>a&gt;b b&gt;c</c>, all of them by the port Done.</param>
    static WorkflowDefinition Load(
        string activitiesOf,
        string connections,
        string? start = null,
        string type = "String",
        params string[] more
    )
    {
        var variables = more.Prepend("v")
            .Select(name => new
            {
                id = name,
                name,
                typeName = type,
            });
        var loaded = activities.Load(
            $$$"""
            {"definitionId":"flow","variables":{{{JsonSerializer.Serialize(
                variables
            )}}},"root":{"id":"flow","type":"Elsa.Flowchart",
             "start":{{{JsonSerializer.Serialize(
                start
            )}}},"activities":[{{{activitiesOf}}}],"connections":{{{Ways(connections)}}}}}
            """
        );
        Assert.Empty(loaded.Problems);
        return loaded.Definition!;
    }
}
