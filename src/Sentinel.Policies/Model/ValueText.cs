using System.Globalization;
using System.Net;

namespace Sentinel.Policies.Model;

/// <summary>Values as conditions read them, whatever a record holds them as.</summary>
static class ValueText
{
    static readonly string[] timeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd",
    ];

    public static string? Of(object? value) =>
        value switch
        {
            null => null,
            string text => text,
            bool flag => flag ? "true" : "false",
            DateTimeOffset time => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };

    public static double? Number(object? value) =>
        value switch
        {
            long integer => integer,
            int integer => integer,
            double number => number,
            string text
                when double.TryParse(
                    text,
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var number
                ) => number,
            _ => null,
        };

    /// <summary>A time, or a text that says one by ISO 8601; without an offset it is UTC.</summary>
    public static DateTimeOffset? Time(object? value) =>
        value switch
        {
            DateTimeOffset time => time,
            string text
                when DateTimeOffset.TryParseExact(
                    text,
                    timeFormats,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var time
                ) => time,
            _ => null,
        };

    public static IPAddress? Address(object? value) =>
        value switch
        {
            IPAddress address => Canonical(address),
            string text when IPAddress.TryParse(text, out var address) => Canonical(address),
            _ => null,
        };

    public static IPAddress Canonical(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
