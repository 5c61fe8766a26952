using System.Globalization;
using System.Text.Json;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// A JSON object as members with dotted names; the last of equal names counts. What the objects of an array
/// say under one name is a list.
/// </summary>
sealed class JsonEnvelope
{
    const int NameBytesMax = 512;
    static readonly object True = true;
    static readonly object False = false;

    readonly byte[] path = new byte[NameBytesMax];
    readonly byte[] joined = new byte[NameBytesMax];

    static ReadOnlySpan<byte> AnyBelow => ".*"u8;

    /// <summary>Fills the members; false where the bytes are no JSON object.</summary>
    /// <param name="json">The members' record from this place on.</param>
    public bool Read(ReadOnlySpan<byte> json, int start, RecordMembers members)
    {
        var trimmed = json.TrimStart(" \t\r\n\uFEFF"u8);
        if (trimmed.IsEmpty || trimmed[0] != '{')
            return false;
        var reader = new JsonScanner(trimmed);
        reader.Read();
        ReadObject(ref reader, 0, start + json.Length - trimmed.Length, members, false);
        return !reader.Read() && !reader.IsBroken;
    }

    /// <param name="beside">It is one of several: what it says joins what the others said.</param>
    void ReadObject(
        ref JsonScanner reader,
        int prefix,
        int start,
        RecordMembers members,
        bool beside
    )
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var length = Append(ref reader, prefix);
            reader.Read();
            if (length < 0)
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                var again = reader;
                ReadObject(ref reader, length, start, members, beside);
                if (AsksForAnyBelow(prefix, members))
                    ReadObject(ref again, prefix + AnyBelow.Length, start, members, beside);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
                ReadArray(ref reader, length, start, members, beside);
            else if (Find(length, members) is >= 0 and var slot)
                Set(slot, Value(ref reader, start, members.Bytes), members, beside);
        }
    }

    /// <summary>Its scalars as texts, and the members of its objects below its name; arrays within are left out.</summary>
    void ReadArray(
        ref JsonScanner reader,
        int prefix,
        int start,
        RecordMembers members,
        bool beside
    )
    {
        var slot = Find(prefix, members);
        var texts = slot < 0 ? null : new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadObject(ref reader, prefix, start, members, beside: true);
            else if (reader.TokenType == JsonTokenType.StartArray)
                reader.Skip();
            else if (texts is not null && TextOf(ref reader) is { } text)
                texts.Add(text);
        if (texts is not null)
            Set(slot, LazyValue.Of(texts), members, beside);
    }

    static void Set(int slot, in LazyValue value, RecordMembers members, bool beside)
    {
        var before = beside ? members[slot] : null;
        members.Set(slot, value);
        if (before is null)
            return;
        var texts = before as List<string> ?? [FieldValue.ToText(before)];
        if (members[slot] is IReadOnlyList<string> more)
            texts.AddRange(more);
        else if (members[slot] is { } one)
            texts.Add(FieldValue.ToText(one));
        members.Set(slot, LazyValue.Of(texts));
    }

    /// <summary>Names with spaces are also known without them, as people write them who ask for fields.</summary>
    int Find(int length, RecordMembers members)
    {
        var name = path.AsSpan(0, length);
        if (members.Find(name) is >= 0 and var slot)
            return slot;
        if (!name.Contains((byte)' '))
            return -1;
        var kept = 0;
        foreach (var letter in name)
            if (letter != ' ')
                joined[kept++] = letter;
        return members.Find(joined.AsSpan(0, kept));
    }

    /// <summary>Whether somebody asks for members of whatever stands here: Event.UserData.*.User.</summary>
    bool AsksForAnyBelow(int prefix, RecordMembers members)
    {
        if (!members.HasAnyBelow || prefix == 0 || prefix + AnyBelow.Length > path.Length)
            return false;
        AnyBelow.CopyTo(path.AsSpan(prefix));
        return members.Find(path.AsSpan(0, prefix + AnyBelow.Length)) >= 0;
    }

    int Append(ref JsonScanner reader, int prefix)
    {
        var room = path.Length - prefix - 1;
        if (reader.ValueSpan.Length > room)
            return -1;
        if (prefix > 0)
            path[prefix++] = (byte)'.';
        return prefix + reader.CopyString(path.AsSpan(prefix));
    }

    static LazyValue Value(ref JsonScanner reader, int start, RecordBytes bytes)
    {
        var at = start + reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped && !reader.ValueHasNumbers:
                return LazyValue.Of(ValueForm.Escaped, at + 1, reader.ValueSpan.Length);
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
            default:
                return default;
        }
    }

    static string? TextOf(ref JsonScanner reader) =>
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
