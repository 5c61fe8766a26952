using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// RFC 8785, and byte for byte what <c>access.canonical_json</c> makes in the database. A number of
/// more than 15 digits is written in full, so that two numbers never share a text.
/// </summary>
public static class CanonicalJson
{
    const int DoubleDigits = 15;

    public static string Text(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var element in value.EnumerateArray())
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    Append(text, element);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    static void AppendObject(StringBuilder text, JsonElement value)
    {
        text.Append('{');
        var first = true;
        // Ordinal order of .NET strings is the order of UTF-16 code units that the RFC asks for.
        foreach (
            var member in value
                .EnumerateObject()
                .OrderBy(member => member.Name, StringComparer.Ordinal)
        )
        {
            if (!first)
                text.Append(',');
            first = false;
            AppendString(text, member.Name);
            text.Append(':');
            Append(text, member.Value);
        }
        text.Append('}');
    }

    internal static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        text.Append('"');
    }

    internal static string Number(string written)
    {
        var sign = written.StartsWith('-') ? "-" : "";
        var parts = written[sign.Length..].Split('e', 'E');
        var dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        // The value is 0.digits × 10^point.
        var point = (dot < 0 ? parts[0].Length : dot) + exponent;
        var digits = all.TrimStart('0');
        point -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        if (digits.Length == 0)
            return "0";
        if (point is >= -5 and <= 21 || digits.Length > DoubleDigits)
            return sign + Plain(digits, point);
        var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sign}{mantissa}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}"
        );
    }

    static string Plain(string digits, int point) =>
        point <= 0 ? "0." + new string('0', -point) + digits
        : point >= digits.Length ? digits.PadRight(point, '0')
        : digits[..point] + "." + digits[point..];
}
