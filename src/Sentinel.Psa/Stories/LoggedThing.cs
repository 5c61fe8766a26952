using System.Text.Json;

namespace Sentinel.Psa.Stories;

/// <summary>A thing as the log says that it was: a case, a task, a comment, at one moment.</summary>
/// <param name="TakenBack">Why, where a tombstone says so; it is still shown.</param>
public sealed record LoggedThing(
    string Kind,
    Guid? Id,
    Guid CreatedBy,
    DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, JsonElement> Fields,
    string? TakenBack
)
{
    public string? Text(string field) =>
        Fields.TryGetValue(field, out var value)
            ? value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : value.GetRawText()
            : null;

    public Guid? Guid(string field) => System.Guid.TryParse(Text(field), out var id) ? id : null;

    public DateTimeOffset? Time(string field) =>
        DateTimeOffset.TryParse(
            Text(field),
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time.ToUniversalTime()
            : null;
}

/// <summary>Makes things of rows: a new one, then each of its changes, then perhaps its tombstone.</summary>
static class LogFold
{
    public static IReadOnlyList<LoggedThing> Fold(IEnumerable<LoggedRow> rows)
    {
        List<LoggedThing> things = [];
        Dictionary<(string, Guid?), int> places = [];
        foreach (var row in rows)
        {
            if (row.IsRefusal || row.Detail.ValueKind != JsonValueKind.Object)
                continue;
            var key = (row.EntityType, row.EntityId);
            if (row.Verb == "created")
            {
                places[key] = things.Count;
                things.Add(
                    new LoggedThing(
                        row.EntityType,
                        row.EntityId,
                        row.ActorId,
                        row.At,
                        row.Detail.EnumerateObject()
                            .ToDictionary(one => one.Name, one => one.Value),
                        null
                    )
                );
                if (row.EntityType == "tombstone")
                    Bury(row, things, places);
            }
            else if (places.TryGetValue(key, out var place))
                things[place] = Changed(things[place], row);
        }
        return things;
    }

    static LoggedThing Changed(LoggedThing thing, LoggedRow row)
    {
        var fields = new Dictionary<string, JsonElement>(thing.Fields);
        foreach (var change in row.Detail.EnumerateObject())
            if (
                change.Value is { ValueKind: JsonValueKind.Array } pair
                && pair.GetArrayLength() == 2
            )
            {
                if (pair[1].ValueKind == JsonValueKind.Null)
                    fields.Remove(change.Name);
                else
                    fields[change.Name] = pair[1];
            }
        return thing with { Fields = fields };
    }

    static void Bury(
        LoggedRow tombstone,
        List<LoggedThing> things,
        Dictionary<(string, Guid?), int> places
    )
    {
        if (
            tombstone.Text("entity_type") is { } kind
            && places.TryGetValue((kind, tombstone.Id("entity_id")), out var place)
        )
            things[place] = things[place] with { TakenBack = tombstone.Text("reason") };
    }
}
