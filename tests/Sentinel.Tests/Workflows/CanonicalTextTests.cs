using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using Sentinel.Psa.Automation;
using Sentinel.Tests.House;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Text;

namespace Sentinel.Tests.Workflows;

public class CanonicalTextTests
{
    static readonly IReadOnlyList<ActivityDescription> activities =
    [
        .. CaseActivities.Catalogue(TimeProvider.System).Descriptions,
    ];

    static readonly string[] ofTheVersion =
    [
        "id",
        "version",
        "isLatest",
        "isPublished",
        "isReadonly",
        "isSystem",
        "createdAt",
        "toolVersion",
        "links",
    ];

    static readonly string[] shipped =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "workflows"), "*.json")
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void Every_shipped_file_is_written_as_we_write_definitions()
    {
        Assert.NotEmpty(shipped);
        foreach (var file in shipped)
            Assert.Equal(Write(File.ReadAllText(file)), File.ReadAllText(file));
    }

    [Fact]
    public void What_stands_in_a_loop_is_restored_ordered_and_told_apart_like_everything_else()
    {
        const string stored = """
            {"definitionId":"d","root":{"id":"flow","type":"Elsa.Flowchart","activities":[{"id":"loop","type":"Elsa.While",
             "condition":{"expression":{"type":"Literal","value":true}},"body":{"type":"Elsa.Fault","id":"inside",
             "ours": [1,  2],"message":{"expression":{"type":"Literal","value":"old"}}}}],"connections":[]}}
            """;
        var saved = stored
            .Replace("\"ours\": [1,  2],", "", StringComparison.Ordinal)
            .Replace("\"old\"", "\"new\"", StringComparison.Ordinal);

        var text = CanonicalDefinition.Write(saved, stored, []);

        Assert.Contains("\"ours\": [1,  2]", text, StringComparison.Ordinal);
        Assert.Equal(text, CanonicalDefinition.Write(text, null, []));
        Assert.Equal(
            "changed: activity inside, message: old → new",
            Assert.Single(DefinitionDifference.Between(stored, text)).ToString()
        );
        var other = stored.Replace("\"inside\"", "\"another\"", StringComparison.Ordinal);
        Assert.DoesNotContain(
            "ours",
            CanonicalDefinition.Write(
                other.Replace("\"ours\": [1,  2],", "", StringComparison.Ordinal),
                stored,
                []
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_recorded_definition_keeps_its_meaning_and_is_written_once_and_for_all()
    {
        foreach (var file in Golden.Files())
        {
            var definition = JsonNode.Parse(File.ReadAllText(file))!["definition"]!.AsObject();
            var text = Write(definition.ToJsonString());
            foreach (var member in ofTheVersion)
                definition.Remove(member);
            Assert.True(JsonNode.DeepEquals(definition, JsonNode.Parse(text)), file);
            Assert.Equal(text, Write(text));
        }
    }

    [Fact]
    public void What_an_editor_drops_or_writes_differently_comes_back_byte_for_byte()
    {
        const string stored = """
            {"definitionId": "a", "name": "A", "x-owner": {"b" : 1.50,  "a":"\u00e9"},
             "variables": [{"id": "v", "name": "V", "typeName": "String", "value": "", "x-unit": "m\u00b2"}],
             "customProperties": {"tests": [ ], "x-seen": 1e2},
             "root": {"id": "flow", "type": "Elsa.Flowchart", "x-grid": [1, 2.0],
              "activities": [
               {"id": "wait", "type": "Elsa.Delay", "x-why": "\u003c", "timeSpan": {"typeName": "TimeSpan",
                "expression": {"type": "Literal", "value": "00:00:01"}, "x-limit": true}},
               {"id": "end", "type": "Elsa.End"}],
              "connections": [{"source": {"activity": "wait", "port": "Done"},
               "target": {"activity": "end", "port": "In"}, "x-label": "then"}]}}
            """;
        const string saved = """
            {"id":"7","definitionId":"a","name":"Renamed","version":4,"isLatest":true,"customProperties":{"x-seen":1e2},
             "variables":[{"id":"v","name":"V","typeName":"String","value":""}],
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[
               {"id":"end","type":"Elsa.End"},
               {"id":"wait","type":"Elsa.Delay","timeSpan":{"typeName":"TimeSpan","expression":{"type":"Literal","value":"00:00:02"}}}],
              "connections":[{"source":{"activity":"wait","port":"Done"},"target":{"activity":"end","port":"In"}}]}}
            """;

        var text = Write(saved, stored);

        foreach (
            var kept in new[]
            {
                """{"b" : 1.50,  "a":"\u00e9"}""",
                """
                    "x-unit": "m\u00b2"
                    """,
                """
                    "x-seen": 1e2
                    """,
                "[1, 2.0]",
                """
                    "x-why": "\u003c"
                    """,
                "\"x-limit\": true",
                "\"x-label\": \"then\"",
                "\"tests\": [ ]",
            }
        )
            Assert.Contains(kept.Trim(), text, StringComparison.Ordinal);
        Assert.Contains("\"Renamed\"", text, StringComparison.Ordinal);
        Assert.Contains("00:00:02", text, StringComparison.Ordinal);
        Assert.DoesNotContain("isLatest", text, StringComparison.Ordinal);
        Assert.Equal(text, Write(text, stored));
    }

    [Fact]
    public void What_was_left_out_on_purpose_stays_out()
    {
        const string stored = """
            {"definitionId":"a","description":"old","root":{"id":"flow","type":"Elsa.Flowchart","activities":[
              {"id":"one","type":"Elsa.Event","eventName":{"typeName":"String","expression":{"type":"Literal","value":"x"}},
               "result":{"typeName":"Object","memoryReference":{"id":"v"}},"x-mine":1},
              {"id":"two","type":"Elsa.End","x-mine":2}],"connections":[]}}
            """;
        const string saved = """
            {"definitionId":"a","root":{"id":"flow","type":"Elsa.Flowchart","activities":[
              {"id":"one","type":"Elsa.Event"},{"id":"two","type":"Elsa.Finish"}],"connections":[]}}
            """;

        var text = Write(saved, stored);

        Assert.DoesNotContain("old", text, StringComparison.Ordinal);
        Assert.DoesNotContain("eventName", text, StringComparison.Ordinal);
        Assert.DoesNotContain("result", text, StringComparison.Ordinal);
        Assert.Contains("\"x-mine\": 1", text, StringComparison.Ordinal);
        // It became another activity: what the old one had is reported, not carried over.
        Assert.DoesNotContain("\"x-mine\": 2", text, StringComparison.Ordinal);
        Assert.Contains(
            DefinitionDifference.Between(stored, text),
            change => change is { Kind: "removed", What: "activity two, x-mine" }
        );
    }

    /// <summary>An editor that knows nothing but the format drops every unknown member, anywhere.</summary>
    [Property]
    public void Unknown_members_anywhere_survive_an_editor_that_drops_them(
        PositiveInt which,
        PositiveInt everyNth,
        NonNull<string> word
    )
    {
        var definition = JsonNode.Parse(File.ReadAllText(shipped[which.Get % shipped.Length]))!;
        var position = 0;
        foreach (var holder in Holders(definition).ToList())
            if (position++ % everyNth.Get == 0)
                holder["x-unknown"] = new JsonArray(word.Get, position, new JsonObject());
        var stored = Write(definition.ToJsonString());
        foreach (var holder in Holders(definition).ToList())
            holder.Remove("x-unknown");

        Assert.Equal(stored, Write(definition.ToJsonString(), stored));
        Assert.Empty(DefinitionDifference.Between(stored, stored));
    }

    [Fact]
    public void The_difference_names_activities_connections_and_inputs_and_says_what_is_only_drawn()
    {
        var before = File.ReadAllText(shipped.First(file => file.EndsWith("contain_account.json")));
        var after = JsonNode.Parse(before)!;
        var root = after["root"]!;
        var activity = root["activities"]![1]!;
        var id = activity["id"]!.GetValue<string>();
        activity["description"]!["expression"]!["value"] = "Lock it";
        root["activities"]![2]!["metadata"]!["designer"]!["position"]!["x"] = 4711;
        root["activities"]!
            .AsArray()
            .Add(
                JsonNode.Parse(
                    """{"id":"pause","type":"Elsa.Delay","timeSpan":{"typeName":"TimeSpan","expression":{"type":"Literal","value":"00:01:00"}}}"""
                )
            );
        var gone = root["connections"]![0]!;
        var from = gone["source"]!["activity"]!.GetValue<string>();
        var to = gone["target"]!["activity"]!.GetValue<string>();
        gone["target"]!["activity"] = "pause";

        var said = DefinitionDifference
            .Between(before, after.ToJsonString())
            .Select(change => change.ToString())
            .ToList();

        Assert.Contains($"removed: connection {from} Done → {to}", said);
        Assert.Contains($"added: connection {from} Done → pause", said);
        Assert.Contains("added: activity pause: Elsa.Delay", said);
        Assert.Contains("added: activity pause, timeSpan: 00:01:00", said);
        Assert.Contains(
            said,
            line =>
                line.StartsWith($"changed: activity {id}, description: ", StringComparison.Ordinal)
                && line.EndsWith("→ JavaScript Lock it", StringComparison.Ordinal)
        );
        Assert.Equal($"moved: activity {root["activities"]![2]!["id"]}", said[^1]);
        Assert.Equal(6, said.Count);
    }

    static IEnumerable<JsonObject> Holders(JsonNode definition)
    {
        var root = definition["root"]!;
        return new[] { definition, root, definition["customProperties"]! }
            .Concat(definition["variables"]!.AsArray()!)
            .Concat(definition["inputs"]!.AsArray()!)
            .Concat(root["activities"]!.AsArray()!)
            .Concat(
                root["activities"]!.AsArray().Select(each => each!["metadata"]).OfType<JsonNode>()
            )
            .Concat(root["connections"]!.AsArray()!)
            .Select(each => each!.AsObject());
    }

    static string Write(string saved, string? stored = null) =>
        CanonicalDefinition.Write(saved, stored, activities);
}
