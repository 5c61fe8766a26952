using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Text;

/// <summary>
/// The one way in which we write a definition down: known members in a fixed order, one to a line, without
/// what says which version it is; unknown members byte for byte. Writing it again changes nothing.
/// </summary>
public sealed class CanonicalDefinition
{
    static readonly JsonWriterOptions format = new()
    {
        Indented = true,
        NewLine = "\n",
        // The text is for people and files; wherever a page shows it, the page encodes it.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly Utf8JsonWriter writer;
    readonly bool isEdit;

    CanonicalDefinition(Utf8JsonWriter writer, bool isEdit)
    {
        this.writer = writer;
        this.isEdit = isEdit;
    }

    /// <param name="saved">What an editor made of it.</param>
    /// <param name="stored">
    /// What it was given to edit. An editor drops what it does not know: that is taken from here, found again
    /// by the ids of activities and variables, the names of inputs and outputs and the ends of connections.
    /// What it knows and left out was left out on purpose.
    /// </param>
    /// <exception cref="JsonException">One of them is no JSON object, or holds text that is no Unicode.</exception>
    public static string Write(
        string saved,
        string? stored,
        IEnumerable<ActivityDescription> activities
    )
    {
        var shape = DefinitionShape.Definition(
            BuiltInActivities
                .All.Concat(activities)
                .DistinctBy(activity => activity.TypeName)
                .ToDictionary(activity => activity.TypeName, StringComparer.Ordinal)
        );
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            using var writer = new Utf8JsonWriter(bytes, format);
            new CanonicalDefinition(writer, stored is not null).WriteObject(
                shape,
                ParseObject(saved),
                stored is null ? null : ParseObject(stored)
            );
        }
        catch (InvalidOperationException unreadable)
        {
            throw new JsonException("It holds text that is no Unicode.", unreadable);
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    static JsonElement ParseObject(string json) =>
        Values.Parse(json) is { ValueKind: JsonValueKind.Object } parsed
            ? parsed
            : throw new JsonException("A definition is a JSON object.");

    void WriteObject(DefinitionShape shape, JsonElement saved, JsonElement? stored)
    {
        writer.WriteStartObject();
        var members = saved
            .EnumerateObject()
            .Where(member => !shape.OfTheVersion.Contains(member.Name))
            // Where an activity stands in the tree follows from the tree: an editor may add it, we do not.
            .Where(member =>
                member.Name != "nodeId" || !isEdit || MemberOf(stored, "nodeId") is not null
            )
            .Where(member =>
                !(SaysNothing(member) || member.Name == "version")
                || !WasWithout(stored, member.Name)
            )
            .Concat(Dropped(shape, saved, stored))
            .DistinctBy(member => member.Name)
            .OrderBy(member => shape.Rank(member.Name))
            .ThenBy(member => member.Name, StringComparer.Ordinal);
        foreach (var member in members)
        {
            writer.WritePropertyName(member.Name);
            WriteMember(shape, member.Name, member.Value, MemberOf(stored, member.Name));
        }
        writer.WriteEndObject();
    }

    // An editor writes null and false where there was nothing, and a version of an activity that needs none;
    // that is still nothing.
    static bool SaysNothing(JsonProperty member) =>
        member.Value.ValueKind is JsonValueKind.Null or JsonValueKind.False;

    static bool WasWithout(JsonElement? stored, string member) =>
        stored is { ValueKind: JsonValueKind.Object } && MemberOf(stored, member) is null;

    static IEnumerable<JsonProperty> Dropped(
        DefinitionShape shape,
        JsonElement saved,
        JsonElement? stored
    ) =>
        stored is { ValueKind: JsonValueKind.Object } before
            ? before
                .EnumerateObject()
                .Where(member =>
                    !shape.Knows(member.Name)
                    && !shape.OfTheVersion.Contains(member.Name)
                    && !saved.TryGetProperty(member.Name, out _)
                )
            : [];

    void WriteMember(DefinitionShape shape, string name, JsonElement saved, JsonElement? stored)
    {
        if (shape.Lists.TryGetValue(name, out var item) && saved.ValueKind == JsonValueKind.Array)
            WriteList(item, saved, stored);
        else if (
            saved.ValueKind == JsonValueKind.Object
            && shape.OfObject(name, saved) is { } inner
        )
            WriteObject(
                inner,
                saved,
                inner.Key(saved) is null || stored is null
                    ? stored
                    : Counterpart(inner, saved, [stored.Value])
            );
        else if (shape.Knows(name) && saved.ValueKind == JsonValueKind.String)
            writer.WriteStringValue(saved.GetString());
        else
            writer.WriteRawValue(
                (
                    stored is { } before && JsonElement.DeepEquals(before, saved) ? before : saved
                ).GetRawText(),
                skipInputValidation: true
            );
    }

    void WriteList(
        Func<JsonElement, DefinitionShape> shapeOf,
        JsonElement saved,
        JsonElement? stored
    )
    {
        var before = stored is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().ToList()
            : [];
        writer.WriteStartArray();
        foreach (var item in saved.EnumerateArray())
            if (item.ValueKind == JsonValueKind.Object && shapeOf(item) is var shape)
                WriteObject(shape, item, Counterpart(shape, item, before));
            else
                writer.WriteRawValue(item.GetRawText(), skipInputValidation: true);
        writer.WriteEndArray();
    }

    static JsonElement? Counterpart(
        DefinitionShape shape,
        JsonElement item,
        IEnumerable<JsonElement> before
    ) =>
        shape.Key(item) is { } key
        && before
            .Where(other => other.ValueKind == JsonValueKind.Object)
            .FirstOrDefault(other => shape.Key(other) == key)
            is { ValueKind: JsonValueKind.Object } found
            ? found
            : null;

    static JsonElement? MemberOf(JsonElement? holder, string name) =>
        holder is { ValueKind: JsonValueKind.Object } value
        && value.TryGetProperty(name, out var member)
            ? member
            : null;
}
