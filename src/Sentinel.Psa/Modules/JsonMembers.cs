using System.Globalization;
using System.Text.Json;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Modules;

/// <summary>Members of a foreign record, looked up without believing anything about its shape.</summary>
static class JsonMembers
{
    const int FieldsMax = 200;
    const int FieldCharsMax = 1000;
    const int ItemsMax = 20;

    /// <summary>Down a path of names and places; an undefined element where it ends.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (
                element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty(step, out var member)
            )
                element = member;
            else if (
                element.ValueKind == JsonValueKind.Array
                && int.TryParse(step, CultureInfo.InvariantCulture, out var place)
                && place >= 0
                && place < element.GetArrayLength()
            )
                element = element[place];
            else
                return default;
        }
        return element;
    }

    /// <summary>Text, number or truth as text, without U+0000, which no database text may hold; else null.</summary>
    public static string? Text(this JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String when element.GetString() is { Length: > 0 } text => text.Replace(
                '\0',
                '\uFFFD'
            ),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False =>
                element.GetRawText(),
            _ => null,
        };

    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path).Text();

    /// <summary>The texts of a list, or the one that stands for it.</summary>
    public static IEnumerable<string> Texts(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().Select(Text).OfType<string>()
        : element.Text() is { } one ? [one]
        : [];

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray(),
            JsonValueKind.Object => [element],
            _ => [],
        };

    public static double? Number(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Number or JsonValueKind.String
        && double.TryParse(
            element.Text(),
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var number
        )
        && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Every member that holds one value, by its path; the first of a long list.</summary>
    public static Dictionary<string, string> Flat(this JsonElement element)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(element, "");
        return fields;

        void Add(JsonElement inner, string path)
        {
            if (fields.Count >= FieldsMax)
                return;
            if (inner.ValueKind == JsonValueKind.Object)
                foreach (var member in inner.EnumerateObject())
                    Add(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}");
            else if (inner.ValueKind == JsonValueKind.Array)
                foreach (var (place, item) in inner.EnumerateArray().Take(ItemsMax).Index())
                    Add(item, string.Create(CultureInfo.InvariantCulture, $"{path}.{place}"));
            else if (inner.Text() is { } text)
                fields.TryAdd(path.Replace('\0', '\uFFFD'), text.Cut(FieldCharsMax));
        }
    }
}
