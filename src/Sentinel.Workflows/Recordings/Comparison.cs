using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sentinel.Workflows.Recordings;

/// <summary>
/// Expected against actual. Not compared: ids, times, the wording of incidents, HTTP codes beyond
/// success or failure, and the payload of bookmarks that are not Elsa's own.
/// </summary>
static class Comparison
{
    static readonly JsonObject Nothing = [];

    public static IReadOnlyList<string> Differences(JsonElement expect, JsonObject actual)
    {
        var expected = JsonObject.Create(expect)!;
        var differences = new List<string>();
        var isOrdered = expected["deterministicOrder"]?.GetValue<bool>() ?? true;
        differences.AddRange(
            isOrdered ? OrderedTrace(expected, actual) : PartialTrace(expected, actual)
        );
        foreach (
            var part in (string[])["status", "subStatus", "outputs", "variables", "correlationId"]
        )
            Compare(part, expected[part], actual[part], differences);
        Compare(
            "activityStatus",
            expected["activityStatus"],
            actual["activityStatus"],
            differences
        );
        Compare("incidents", Incidents(expected), Incidents(actual), differences);
        CompareEach("bookmarksAfterEachStep", expected, actual, Bookmark, differences);
        CompareEach("statusAfterEachStep", expected, actual, Status, differences);
        return differences;
    }

    static IEnumerable<string> OrderedTrace(JsonObject expected, JsonObject actual)
    {
        var wanted = Rows(expected).Select(row => $"{row["step"]} {Describe(row)}").ToList();
        var got = Rows(actual).Select(row => $"{row["step"]} {Describe(row)}").ToList();
        for (var position = 0; position < Math.Max(wanted.Count, got.Count); position++)
        {
            var want = wanted.ElementAtOrDefault(position) ?? "nothing";
            var have = got.ElementAtOrDefault(position) ?? "nothing";
            if (want != have)
                return [$"trace[{position}]: expected {want}, was {have}"];
        }
        return [];
    }

    static IEnumerable<string> PartialTrace(JsonObject expected, JsonObject actual)
    {
        var got = Rows(actual).Select(Key).ToList();
        var counts = got.CountBy(key => key).ToDictionary();
        var wanted = expected["multiset"]!.AsObject();
        foreach (var (key, count) in wanted)
            if (counts.GetValueOrDefault(key) != count!.GetValue<int>())
                yield return $"trace: expected {count} of {key}, was {counts.GetValueOrDefault(key)}";
        foreach (var key in counts.Keys.Where(key => !wanted.ContainsKey(key)))
            yield return $"trace: {key} was not expected";
        foreach (var pair in expected["before"]!.AsArray())
        {
            var (first, second) = (pair![0]!.GetValue<string>(), pair[1]!.GetValue<string>());
            if (got.IndexOf(first) > got.IndexOf(second))
                yield return $"trace: {first} was not before {second}";
        }
    }

    static IEnumerable<JsonNode> Rows(JsonObject outcome) =>
        (outcome["trace"] as JsonArray ?? []).Select(row => row!);

    static string Key(JsonNode row) => $"{row["activity"]}#{row["execution"] ?? 1}:{row["event"]}";

    static string Describe(JsonNode row) =>
        $"{Key(row)} {row["outcomes"]?.ToJsonString() ?? "[\"Done\"]"}";

    static JsonArray Incidents(JsonObject outcome) =>
        [
            .. (outcome["incidents"] as JsonArray ?? [])
                .Select(incident => incident!["activity"]!.GetValue<string>())
                .Order(StringComparer.Ordinal)
                .Select(activity => (JsonNode)JsonValue.Create(activity)),
        ];

    static void CompareEach(
        string part,
        JsonObject expected,
        JsonObject actual,
        Func<JsonNode?, JsonNode?> view,
        List<string> differences
    )
    {
        var wanted = expected[part] as JsonArray ?? [];
        var got = actual[part] as JsonArray ?? [];
        for (var step = 0; step < Math.Max(wanted.Count, got.Count); step++)
            Compare(
                $"{part}[{step}]",
                step < wanted.Count ? view(wanted[step]) : null,
                step < got.Count ? view(got[step]) : null,
                differences
            );
    }

    static JsonNode? Bookmark(JsonNode? step) =>
        new JsonArray([
            .. step!
                .AsArray()
                .Select(item =>
                {
                    var name = item!["name"]!.GetValue<string>();
                    var view = new JsonObject
                    {
                        ["activity"] = item["activity"]!.DeepClone(),
                        ["name"] = name,
                    };
                    if (name.StartsWith("Elsa.", StringComparison.Ordinal))
                        view["payload"] = item["payload"]?.DeepClone();
                    return (JsonNode)view;
                }),
        ]);

    static JsonNode? Status(JsonNode? step)
    {
        var view = step!.DeepClone().AsObject();
        if (view["http"] is { } http)
            view["http"] = http.GetValue<int>() < 400 ? "success" : "failure";
        return view;
    }

    static void Compare(string part, JsonNode? expected, JsonNode? actual, List<string> differences)
    {
        if (!JsonNode.DeepEquals(expected ?? Default(part), actual ?? Default(part)))
            differences.Add(
                $"{part}: expected {expected?.ToJsonString() ?? "nothing"}, was {actual?.ToJsonString() ?? "nothing"}"
            );
    }

    static JsonObject? Default(string part) =>
        part is "outputs" or "variables" or "activityStatus" ? Nothing : null;
}
