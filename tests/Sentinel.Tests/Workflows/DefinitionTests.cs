using System.Text.Json.Nodes;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Tests.Workflows;

public class DefinitionTests
{
    [Fact]
    public void A_sound_definition_has_no_problems()
    {
        Assert.Empty(Problems(_ => { }));
    }

    [Fact]
    public void A_name_that_comes_twice_is_refused()
    {
        var loaded = LoadedWorkflow.Load(
            """{"definitionId":"a","definitionId":"b","root":{}}""",
            []
        );
        Assert.Equal("WFL001", Assert.Single(loaded.Problems).Code);
    }

    [Theory]
    [InlineData("WFL003", "definition", "root")]
    [InlineData("WFL006", "b", "type")]
    [InlineData("WFL014", "a", "id")]
    public void Form_is_checked_first(string code, string where, string broken)
    {
        var problem = Problems(json =>
        {
            var activities = json["root"]!["activities"]!.AsArray();
            if (broken == "root")
                json.Remove("root");
            else if (broken == "type")
                activities[1]!.AsObject().Remove("type");
            else
                activities[1]!["id"] = "a";
        })[0];
        Assert.Equal((code, where), (problem.Code, problem.Where));
    }

    [Theory]
    [InlineData("type", "\"Elsa.SendTelegram\"", "WFL020")]
    [InlineData("variable", "{\"id\":\"ghost\"}", "WFL031")]
    [InlineData("value", "{\"expression\":{\"type\":\"Liquid\",\"value\":\"x\"}}", "WFL026")]
    [InlineData("value", "{\"expression\":{\"type\":\"JavaScript\",\"value\":\"1 +\"}}", "WFL027")]
    [InlineData("value", "{\"expression\":{\"type\":\"Object\",\"value\":\"{1\"}}", "WFL028")]
    [InlineData("value", "{\"expression\":{\"type\":\"Variable\",\"value\":\"nix\"}}", "WFL031")]
    [InlineData("vlaue", "{\"expression\":{\"type\":\"Literal\",\"value\":\"x\"}}", "WFL033")]
    public void A_wrong_part_is_refused_where_it_stands(string property, string value, string code)
    {
        var problem = Assert.Single(
            Problems(json => json["root"]!["activities"]![0]![property] = JsonNode.Parse(value))
        );
        Assert.Equal((code, "a"), (problem.Code, problem.Where));
    }

    [Fact]
    public void A_connection_that_ends_nowhere_is_refused_in_both_forms()
    {
        var problems = Problems(json =>
        {
            var connections = json["root"]!["connections"]!.AsArray();
            connections.Add(
                JsonNode.Parse("""{"source":{"activity":"ghost"},"target":{"activity":"a"}}""")
            );
            connections.Add(
                JsonNode.Parse("""{"source":"a","sourcePort":"Done","target":"nobody"}""")
            );
            connections.Add(JsonNode.Parse("""{"source":"a"}"""));
        });
        Assert.Equal(["WFL007", "WFL021", "WFL021"], problems.Select(problem => problem.Code));
    }

    [Fact]
    public void A_connection_back_into_the_middle_of_a_branch_is_refused_by_name()
    {
        var problem = Assert.Single(
            Problems(json =>
            {
                var root = json["root"]!.AsObject();
                root["activities"]!
                    .AsArray()
                    .Add(JsonNode.Parse("""{"id":"c","type":"Elsa.Start"}"""));
                root["connections"] = JsonNode.Parse(
                    """
                    [{"source":"c","target":"a"},{"source":"c","target":"b"},{"source":"a","target":"b"},
                     {"source":"b","sourcePort":"Again","target":"a"}]
                    """
                );
            })
        );
        Assert.Equal("WFL023", problem.Code);
        Assert.Contains("b:Again>a", problem.Message);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var problems = Problems(json =>
        {
            json["variables"]![0]!["value"] = 7;
            json["root"]!["activities"]![0]!["type"] = "Elsa.Nothing";
            json["root"]!["activities"]![1]!["type"] = "Elsa.Nothing";
        });
        Assert.Equal(["WFL010", "WFL020", "WFL020"], problems.Select(problem => problem.Code));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"definitionId\":5,\"root\":[],\"variables\":{}}")]
    public void What_is_no_definition_is_refused_and_never_thrown_at(string text)
    {
        Assert.NotEmpty(LoadedWorkflow.Load(text, []).Problems);
    }

    [Fact]
    public void A_definition_nested_without_end_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"root\":", 10_000)) + "1";
        Assert.Equal("WFL001", Assert.Single(LoadedWorkflow.Load(deep, []).Problems).Code);
    }

    static IReadOnlyList<WorkflowProblem> Problems(Action<JsonObject> change)
    {
        var json = JsonNode
            .Parse(
                """
                {"definitionId":"d","variables":[{"id":"v","name":"V","typeName":"String","value":"x"}],
                 "root":{"id":"flow","type":"Elsa.Flowchart","activities":[
                   {"id":"a","type":"Elsa.SetVariable","variable":{"id":"v"},
                    "value":{"expression":{"type":"Literal","value":"1"}}},
                   {"id":"b","type":"Elsa.SetVariable","variable":{"id":"v"},
                    "value":{"expression":{"type":"JavaScript","value":"getV() + 1"}}}],
                  "connections":[{"source":"a","target":"b"}]}}
                """
            )!
            .AsObject();
        change(json);
        return LoadedWorkflow.Load(json.ToJsonString(), []).Problems;
    }
}
