using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Xml;

namespace Sentinel.Workflows.Definitions;

/// <summary>Workflow values are JSON; here are the conversions between their declared types.</summary>
static class Values
{
    public static readonly JsonElement Null = JsonDocument.Parse("null").RootElement.Clone();

    public static readonly JsonElement True = Of(true);

    public static JsonElement Of<T>(T value) => JsonSerializer.SerializeToElement(value);

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>
    /// The same value, in which what PostgreSQL cannot keep as text is the replacement character U+FFFD: NUL, and
    /// halves of characters.
    /// </summary>
    public static JsonElement Keepable(JsonElement value)
    {
        if (
            value.ValueKind
            is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object)
        )
            return value;
        if (JsonMarshal.GetRawUtf8Value(value).IndexOf("\\u"u8) < 0)
            return value;
        var json = value.GetRawText();
        var kept = Keepable(json);
        return ReferenceEquals(kept, json) ? value : Parse(kept);
    }

    /// <summary>The same JSON text where all of it can be kept.</summary>
    static string Keepable(string json)
    {
        const int escapeChars = 6;
        char[]? mended = null;
        var at = json.IndexOf('\\');
        while (at >= 0)
        {
            if (UnitAt(json, at) is not { } unit)
                at += 2;
            else if (
                char.IsHighSurrogate(unit)
                && UnitAt(json, at + escapeChars) is { } low
                && char.IsLowSurrogate(low)
            )
                at += 2 * escapeChars;
            else
            {
                if (unit == 0 || char.IsSurrogate(unit))
                    "fffd".CopyTo(0, mended ??= json.ToCharArray(), at + 2, 4);
                at += escapeChars;
            }
            at = at < json.Length ? json.IndexOf('\\', at) : -1;
        }
        return mended is null ? json : new string(mended);
    }

    /// <summary>Of a <c>\u</c> escape in that place; null where none stands there.</summary>
    static char? UnitAt(string json, int at) =>
        at + 1 < json.Length && json[at] == '\\' && json[at + 1] == 'u'
            ? (char)
                ushort.Parse(
                    json.AsSpan(at + 2, 4),
                    NumberStyles.HexNumber,
                    CultureInfo.InvariantCulture
                )
            : null;

    /// <summary>Whole numbers stay whole: 3, never 3.0.</summary>
    public static JsonElement OfNumber(double number) =>
        double.IsInteger(number) && Math.Abs(number) < 9e15 ? Of((long)number)
        : double.IsFinite(number) ? Of(number)
        : Null;

    public static WorkflowType TypeNamed(string? name, bool isArray) =>
        isArray
            ? WorkflowType.Any
            : name switch
            {
                "String" => WorkflowType.Text,
                "Boolean" => WorkflowType.Boolean,
                "Byte" or "Int16" or "Int32" or "Int64" => WorkflowType.Integer,
                "Single" or "Double" or "Decimal" => WorkflowType.Number,
                "TimeSpan" => WorkflowType.Duration,
                "List<String>" or "String[]" => WorkflowType.Texts,
                _ => WorkflowType.Any,
            };

    /// <exception cref="FormatException">The value cannot be one of that type.</exception>
    public static JsonElement Convert(JsonElement value, WorkflowType type) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined
            ? Null
            : type switch
            {
                WorkflowType.Any => value,
                WorkflowType.Text => Of(AsText(value)),
                WorkflowType.Boolean => Of(AsBoolean(value)),
                WorkflowType.Integer => Of(
                    (long)Math.Round(AsNumber(value), MidpointRounding.ToEven)
                ),
                WorkflowType.Number => OfNumber(AsNumber(value)),
                WorkflowType.Duration => Of(
                    AsDuration(value).ToString("c", CultureInfo.InvariantCulture)
                ),
                WorkflowType.Moment => Of(AsMoment(value)),
                WorkflowType.Texts => Of(AsTexts(value)),
            };

    public static string AsText(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => value.GetRawText(),
        };

    public static bool AsBoolean(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
            JsonValueKind.Number => value.GetDouble() != 0,
            JsonValueKind.String when bool.TryParse(value.GetString(), out var parsed) => parsed,
            JsonValueKind.String when value.GetString()!.Trim().Length == 0 => false,
            _ => throw new FormatException($"{value.GetRawText()} is neither true nor false."),
        };

    public static double AsNumber(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.String
                when double.TryParse(
                    value.GetString(),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var parsed
                ) => parsed,
            _ => throw new FormatException($"{value.GetRawText()} is not a number."),
        };

    /// <summary><c>1.02:03:04.5</c> as .NET writes it, <c>PT5M</c> as ISO 8601 does, or milliseconds.</summary>
    public static TimeSpan AsDuration(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
            return TimeSpan.FromMilliseconds(value.GetDouble());
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var parsed))
            return parsed;
        if (text.StartsWith('P'))
            return XmlConvert.ToTimeSpan(text);
        throw new FormatException($"{value.GetRawText()} is not a duration such as 00:05:00.");
    }

    /// <summary>As ISO 8601 writes it; without an offset it is UTC.</summary>
    public static DateTimeOffset AsMoment(JsonElement value) =>
        DateTimeOffset.TryParse(
            value.ValueKind == JsonValueKind.String ? value.GetString() : "",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var parsed
        )
            ? parsed
            : throw new FormatException(
                $"{value.GetRawText()} is not a moment such as 2026-01-31T08:00:00Z."
            );

    public static IReadOnlyList<string> AsTexts(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(AsText)],
            JsonValueKind.String when value.GetString()!.TrimStart().StartsWith('[') => AsTexts(
                Keepable(Parse(value.GetString()!))
            ),
            JsonValueKind.String => [value.GetString()!],
            _ => throw new FormatException($"{value.GetRawText()} is not a list of texts."),
        };
}
