using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sentinel.Server.Api;

/// <summary>
/// Text that comes in is kept, and PostgreSQL keeps neither NUL nor half of a character: such a body is bad JSON
/// like any other, and no failure of ours.
/// </summary>
sealed class KeepableText : JsonConverter<string>
{
    /// <exception cref="JsonException">The text cannot be kept.</exception>
    public override string? Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => Kept(reader.GetString());

    /// <exception cref="JsonException">The name cannot be kept.</exception>
    public override string ReadAsPropertyName(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => Kept(reader.GetString())!;

    public override void Write(
        Utf8JsonWriter writer,
        string value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(
        Utf8JsonWriter writer,
        string value,
        JsonSerializerOptions options
    ) => writer.WritePropertyName(value);

    /// <summary>Looks at every name and text in it.</summary>
    /// <exception cref="JsonException">One of them cannot be kept.</exception>
    public static void Check(JsonElement json)
    {
        try
        {
            if (json.ValueKind == JsonValueKind.String)
                Kept(json.GetString());
            else if (json.ValueKind == JsonValueKind.Array)
                foreach (var item in json.EnumerateArray())
                    Check(item);
            else if (json.ValueKind == JsonValueKind.Object)
                foreach (var member in json.EnumerateObject())
                {
                    Kept(member.Name);
                    Check(member.Value);
                }
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("A text has half of a character: leave it out.");
        }
    }

    static string? Kept(string? text) =>
        text?.Contains('\0') is true
            ? throw new JsonException("A text has a NUL character: leave it out.")
            : text;
}

/// <summary>JSON of any shape, of which every text can be kept and no name comes twice in an object.</summary>
sealed class KeepableJson : JsonConverter<JsonElement>
{
    static readonly JsonSerializerOptions unique = new() { AllowDuplicateProperties = false };

    /// <exception cref="JsonException">A name comes twice, or a text cannot be kept.</exception>
    public override JsonElement Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        var json = JsonSerializer.Deserialize<JsonElement>(ref reader, unique);
        KeepableText.Check(json);
        return json;
    }

    public override void Write(
        Utf8JsonWriter writer,
        JsonElement value,
        JsonSerializerOptions options
    ) => value.WriteTo(writer);
}

/// <summary>The same for an object.</summary>
sealed class KeepableObject : JsonConverter<JsonObject>
{
    static readonly KeepableJson any = new();

    /// <exception cref="JsonException">A name comes twice, a text cannot be kept, or it is no object.</exception>
    public override JsonObject? Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        var json = any.Read(ref reader, typeof(JsonElement), options);
        return json.ValueKind == JsonValueKind.Object
            ? JsonObject.Create(json)
            : throw new JsonException("It is no object.");
    }

    public override void Write(
        Utf8JsonWriter writer,
        JsonObject value,
        JsonSerializerOptions options
    ) => value.WriteTo(writer);
}
