using System.Globalization;
using System.Text.Json;

namespace Sentinel.Siem.Normalisation;

/// <summary>A JSON object as members with dotted names; the last of equal names counts.</summary>
sealed class JsonEnvelope
{
    const int NameBytesMax = 512;
    const int NestingLevelsMax = 64;

    static readonly JsonReaderOptions Options = new() { MaxDepth = NestingLevelsMax };
    static readonly object True = true;
    static readonly object False = false;

    readonly byte[] path = new byte[NameBytesMax];

    /// <summary>Fills the members; false where the bytes are no JSON object.</summary>
    /// <param name="json">The members' record from this place on.</param>
    public bool Read(ReadOnlySpan<byte> json, int start, RecordMembers members)
    {
        var trimmed = json.TrimStart(" \t\r\n\uFEFF"u8);
        if (trimmed.IsEmpty || trimmed[0] != '{')
            return false;
        var reader = new Utf8JsonReader(trimmed, Options);
        try
        {
            reader.Read();
            ReadObject(ref reader, 0, start + json.Length - trimmed.Length, members);
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

    void ReadObject(ref Utf8JsonReader reader, int prefix, int start, RecordMembers members)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var length = Append(ref reader, prefix);
            reader.Read();
            if (length < 0)
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.StartObject)
                ReadObject(ref reader, length, start, members);
            else if (members.Find(path.AsSpan(0, length)) is >= 0 and var slot)
                members.Set(slot, Value(ref reader, start, members.Bytes));
            else
                reader.Skip();
        }
    }

    int Append(ref Utf8JsonReader reader, int prefix)
    {
        var room = path.Length - prefix - 1;
        if (reader.ValueSpan.Length > room)
            return -1;
        if (prefix > 0)
            path[prefix++] = (byte)'.';
        return prefix + reader.CopyString(path.AsSpan(prefix));
    }

    static LazyValue Value(ref Utf8JsonReader reader, int start, RecordBytes bytes)
    {
        var at = start + (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                return bytes.Keep(reader.CopyString(bytes.Room(reader.ValueSpan.Length)));
            case JsonTokenType.String:
                return LazyValue.Of(ValueForm.Text, at + 1, reader.ValueSpan.Length);
            case JsonTokenType.Number:
                return LazyValue.Of(ValueForm.Number, at, reader.ValueSpan.Length);
            case JsonTokenType.True:
                return LazyValue.Of(True);
            case JsonTokenType.False:
                return LazyValue.Of(False);
            case JsonTokenType.StartArray:
                return LazyValue.Of(ReadList(ref reader));
            default:
                return default;
        }
    }

    /// <summary>The scalars of the array as texts; what is nested is left out.</summary>
    static List<string> ReadList(ref Utf8JsonReader reader)
    {
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                reader.Skip();
            else if (TextOf(ref reader) is { } text)
                list.Add(text);
        }
        return list;
    }

    static string? TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => Convert.ToString(
                LazyValues.NumberOf(reader.ValueSpan),
                CultureInfo.InvariantCulture
            ),
            JsonTokenType.True => "True",
            JsonTokenType.False => "False",
            _ => null,
        };
}
