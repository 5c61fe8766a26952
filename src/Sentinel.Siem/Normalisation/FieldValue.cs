using System.Globalization;
using System.Net;
using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>Values as the field table types them, and as text in one canonical spelling.</summary>
public static class FieldValue
{
    const int ExactDigitsMax = 18;
    const int ShortBytesMax = 128;
    const double ExactIntegerMax = 9007199254740992;

    static readonly object True = true;
    static readonly object False = false;

    /// <summary>Null where the text is not of the type, or empty.</summary>
    public static object? Parse(ReadOnlySpan<char> text, FieldType type)
    {
        if (type is FieldType.Text or FieldType.Untyped)
            return text.IsEmpty ? null : SharedTexts.Of(text);
        text = text.Trim();
        if (text.IsEmpty)
            return null;
        return type switch
        {
            FieldType.Text or FieldType.Untyped => SharedTexts.Of(text),
            FieldType.Integer => ParseInteger(text),
            FieldType.Number => double.TryParse(
                text,
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var number
            ) && double.IsFinite(number)
                ? number
                : null,
            FieldType.Boolean => text.Equals("true", StringComparison.OrdinalIgnoreCase) ? True
            : text.Equals("false", StringComparison.OrdinalIgnoreCase) ? False
            : null,
            FieldType.Address => Addresses.TryParse(text, out var address) ? address : null,
            FieldType.Time => Timestamps.ReadCommon(text.ToString()),
            FieldType.TextList => new[] { text.ToString() },
        };
    }

    /// <summary>From UTF-8.</summary>
    public static object? Parse(ReadOnlySpan<byte> text, FieldType type)
    {
        if (type is FieldType.Text or FieldType.Untyped)
            return text.IsEmpty ? null : SharedTexts.Of(text);
        if (type == FieldType.Integer && IsShortWhole(text, out var integer))
            return SharedTexts.Boxed(integer);
        if (type == FieldType.Address && Addresses.TryParse(text, out var address))
            return address;
        if (text.Length > ShortBytesMax)
            return Parse(Encoding.UTF8.GetString(text), type);
        Span<char> chars = stackalloc char[ShortBytesMax];
        return Parse(chars[..Encoding.UTF8.GetChars(text, chars)], type);
    }

    /// <summary>Digits alone, and so few that the number cannot be too large.</summary>
    public static bool IsShortWhole(ReadOnlySpan<byte> text, out long integer)
    {
        integer = 0;
        if (text.Length is 0 or > ExactDigitsMax)
            return false;
        foreach (var b in text)
        {
            var digit = b - (uint)'0';
            if (digit > 9)
                return false;
            integer = integer * 10 + digit;
        }
        return true;
    }

    /// <summary>From a record's member (string, long, double, bool, list of string).</summary>
    public static object? Convert(object? value, FieldType type) =>
        value switch
        {
            null => null,
            _ when type == FieldType.Untyped => value,
            string text => Parse(text, type),
            long integer when type == FieldType.Integer => integer,
            long integer when type == FieldType.Number => (double)integer,
            double number when type == FieldType.Number => number,
            double number when type == FieldType.Integer => number == Math.Floor(number)
            && Math.Abs(number) < ExactIntegerMax
                ? (long)number
                : null,
            bool when type == FieldType.Boolean => value,
            IReadOnlyList<string> list => type == FieldType.TextList ? list
            : type == FieldType.Text ? string.Join(", ", list)
            : list.Count == 1 ? Parse(list[0], type)
            : null,
            DateTimeOffset when type == FieldType.Time => value,
            IPAddress when type == FieldType.Address => value,
            _ => Parse(ToText(value), type),
        };

    /// <summary>The canonical spelling: in keys, messages and distinct counts.</summary>
    public static string ToText(object value) =>
        value switch
        {
            string text => text,
            long integer => integer.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            bool boolean => boolean ? "true" : "false",
            IPAddress address => address.ToString(),
            DateTimeOffset time => Timestamps.ToText(time),
            IReadOnlyList<string> list => string.Join(", ", list),
            _ => System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    /// <summary>As conditions read it, which differs for a time alone.</summary>
    internal static string ToConditionText(object value) =>
        value is DateTimeOffset time
            ? time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)
            : ToText(value);

    static object? ParseInteger(ReadOnlySpan<char> text)
    {
        if (
            long.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var integer
            )
        )
            return SharedTexts.Boxed(integer);
        var hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return
            hexadecimal
            && long.TryParse(
                text[2..],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out integer
            )
            ? integer
            : null;
    }
}
