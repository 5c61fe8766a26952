using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sentinel.Siem.Normalisation;

/// <summary>A JSON object as members with dotted names; the last of equal names counts.</summary>
sealed class JsonEnvelope
{
    const int NameCharsMax = 512;
    const int NestingLevelsMax = 64;

    static readonly JsonReaderOptions Options = new() { MaxDepth = NestingLevelsMax };

    readonly char[] path = new char[NameCharsMax];

    /// <summary>Fills the members; false where the bytes are no JSON object.</summary>
    public bool Read(ReadOnlySpan<byte> json, RecordMembers members)
    {
        json = json.TrimStart(" \t\r\n\uFEFF"u8);
        if (json.IsEmpty || json[0] != '{')
            return false;
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            reader.Read();
            ReadObject(ref reader, 0, members);
            return !reader.Read();
        }
        // The reader has no other way to say that bytes are not JSON.
        catch (JsonException)
        {
            return false;
        }
        // A lone surrogate in an escape is JSON to the reader and no text to anybody.
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    void ReadObject(ref Utf8JsonReader reader, int prefix, RecordMembers members)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var length = Append(ref reader, prefix);
            reader.Read();
            if (length < 0)
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.StartObject)
                ReadObject(ref reader, length, members);
            else
                ReadValue(ref reader, path.AsSpan(0, length), members);
        }
    }

    int Append(ref Utf8JsonReader reader, int prefix)
    {
        var room = path.Length - prefix - 1;
        if (reader.ValueSpan.Length > room)
            return -1;
        if (prefix > 0)
            path[prefix++] = '.';
        return prefix + reader.CopyString(path.AsSpan(prefix));
    }

    static void ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<char> name, RecordMembers members)
    {
        if (!members.Wants(name))
        {
            reader.Skip();
            return;
        }
        members.Set(name, Value(ref reader));
    }

    static object? Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return ReadText(ref reader);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var integer) ? SharedTexts.Boxed(integer)
                    : reader.TryGetDouble(out var number) && double.IsFinite(number) ? number
                    : Encoding.UTF8.GetString(reader.ValueSpan);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.StartArray:
                return ReadList(ref reader);
            default:
                return null;
        }
    }

    static string ReadText(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > 64)
            return reader.GetString()!;
        Span<char> text = stackalloc char[64];
        return SharedTexts.Of(text[..reader.CopyString(text)]);
    }

    /// <summary>The scalars of the array as texts; what is nested is left out.</summary>
    static List<string> ReadList(ref Utf8JsonReader reader)
    {
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                reader.Skip();
            else if (Value(ref reader) is { } value)
                list.Add(
                    System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty
                );
        }
        return list;
    }
}
