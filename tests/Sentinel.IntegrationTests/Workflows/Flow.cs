using System.Text.Json;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Small definitions, one activity after the other.</summary>
static class Flow
{
    public static object Note(string id, string text) =>
        new
        {
            id,
            type = "Test.Note",
            text = Literal(text),
        };

    public static object Event(string id, string name) =>
        new
        {
            id,
            type = "Elsa.Event",
            eventName = Literal(name),
        };

    public static object Delay(string id, string span) =>
        new
        {
            id,
            type = "Elsa.Delay",
            timeSpan = Literal(span),
        };

    public static string Of(string definitionId, params object[] activities)
    {
        var ids = activities
            .Select(activity =>
                JsonSerializer.SerializeToElement(activity).GetProperty("id").GetString()!
            )
            .ToList();
        return JsonSerializer.Serialize(
            new
            {
                definitionId,
                name = definitionId,
                root = new
                {
                    id = "flow",
                    type = "Elsa.Flowchart",
                    activities,
                    connections = ids.Zip(
                            ids.Skip(1),
                            (source, target) =>
                                new
                                {
                                    source = new { activity = source, port = "Done" },
                                    target = new { activity = target, port = "In" },
                                }
                        )
                        .ToArray(),
                },
            }
        );
    }

    static object Literal(string value) =>
        new { typeName = "String", expression = new { type = "Literal", value } };
}
