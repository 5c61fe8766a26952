using System.Globalization;
using System.Net;
using System.Text.Json;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Search;

/// <summary>A stored event as conditions see it: the fields that they read, typed as they were.</summary>
sealed class StoredValues : IFieldValues
{
    readonly Dictionary<int, object?> values = [];

    public StoredValues(string fieldsJson, IReadOnlyList<Field> reads)
    {
        using var document = JsonDocument.Parse(fieldsJson);
        foreach (var field in reads)
            if (document.RootElement.TryGetProperty(field.Name, out var member))
                values[field.Ordinal] = Typed(member, field.Type);
        Everything =
        [
            .. document
                .RootElement.EnumerateObject()
                .Select(member => Typed(member.Value, FieldType.Untyped))
                .OfType<object>(),
        ];
    }

    public object? this[int ordinal] => values.GetValueOrDefault(ordinal);

    public IEnumerable<object> Everything { get; }

    static object? Typed(JsonElement member, FieldType type) =>
        (type, member.ValueKind) switch
        {
            (FieldType.Text or FieldType.Untyped, JsonValueKind.String) => member.GetString(),
            (FieldType.Integer, JsonValueKind.Number) => member.TryGetInt64(out var whole)
                ? whole
                : null,
            (FieldType.Number, JsonValueKind.Number) => member.GetDouble(),
            (FieldType.Boolean or FieldType.Untyped, JsonValueKind.True or JsonValueKind.False) =>
                member.GetBoolean(),
            (FieldType.Address, JsonValueKind.String) => IPAddress.TryParse(
                member.GetString(),
                out var address
            )
                ? address
                : null,
            (FieldType.Time, JsonValueKind.String) => DateTimeOffset.Parse(
                member.GetString()!,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal
            ),
            (FieldType.Untyped, JsonValueKind.Number) => member.TryGetInt64(out var whole)
                ? whole
                : member.GetDouble(),
            (FieldType.TextList or FieldType.Untyped, JsonValueKind.Array) => member
                .EnumerateArray()
                .Select(item => item.GetString() ?? "")
                .ToArray(),
            // The field has had another type when the event came: absent, as for any other event.
            _ => null,
        };
}
