using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sentinel.Server.Api;

/// <summary>An object in which a name comes twice is bad JSON like any other, and no failure of ours.</summary>
sealed class UniqueNames : JsonConverter<JsonObject>
{
    static readonly JsonSerializerOptions unique = new() { AllowDuplicateProperties = false };

    /// <exception cref="JsonException">A name comes twice.</exception>
    public override JsonObject? Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        try
        {
            return JsonSerializer.Deserialize<JsonObject>(ref reader, unique);
        }
        catch (ArgumentException)
        {
            throw new JsonException("A name comes twice in the same object: leave one of them.");
        }
    }

    public override void Write(
        Utf8JsonWriter writer,
        JsonObject value,
        JsonSerializerOptions options
    ) => value.WriteTo(writer);
}
