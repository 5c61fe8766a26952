using System.Globalization;
using System.Text;
using System.Text.Json;
using Sentinel.Postgres.Ledger;

namespace Sentinel.IntegrationTests.Tampering;

/// <summary>Another value of the same type, one bit away; where there was none, one that appears.</summary>
static class BitFlip
{
    public static string Of(string type, string? text, Random chance) =>
        type switch
        {
            "uuid" => Uuid(text is null ? Guid.Empty : Guid.Parse(text), chance),
            "bytea" => Bytes(text ?? "\\x00", chance),
            "bigint" or "xid8" => Number(text ?? "0", chance),
            "jsonb" => Json(text ?? "{}", chance),
            "timestamp with time zone" => Time(text!, chance),
            "text" => Letters(text ?? "a", chance),
            _ => throw new NotSupportedException(type),
        };

    static string Uuid(Guid value, Random chance)
    {
        var bytes = value.ToByteArray();
        Flip(bytes, chance);
        return new Guid(bytes).ToString();
    }

    // As PostgreSQL writes it: \x and hexadecimal digits.
    static string Bytes(string text, Random chance)
    {
        var bytes = Convert.FromHexString(text[2..]);
        Flip(bytes, chance);
        return "\\x" + Convert.ToHexStringLower(bytes);
    }

    static string Number(string text, Random chance) =>
        (long.Parse(text, CultureInfo.InvariantCulture) ^ (1L << chance.Next(40))).ToString(
            CultureInfo.InvariantCulture
        );

    static string Time(string text, Random chance) =>
        DateTimeOffset
            .Parse(text, CultureInfo.InvariantCulture)
            .AddMicroseconds(1L << chance.Next(40))
            .ToString("O", CultureInfo.InvariantCulture);

    static string Letters(string text, Random chance)
    {
        var letters = new StringBuilder(text);
        letters[chance.Next(letters.Length)] ^= (char)1;
        return letters.ToString();
    }

    static string Json(string text, Random chance)
    {
        if (text == "{}")
            return """{"a": 1}""";
        for (; ; )
        {
            var flipped = Letters(text, chance);
            try
            {
                if (Canonical(flipped) != Canonical(text))
                    return flipped;
            }
            catch (JsonException)
            {
                // A bit of the syntax: PostgreSQL would not read the value at all.
            }
        }
    }

    static string Canonical(string text)
    {
        using var parsed = JsonDocument.Parse(text);
        return CanonicalJson.Text(parsed.RootElement);
    }

    static void Flip(byte[] bytes, Random chance) =>
        bytes[chance.Next(bytes.Length)] ^= (byte)(1 << chance.Next(8));
}
