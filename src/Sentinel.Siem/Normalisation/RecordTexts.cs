using System.Text;
using System.Text.Json;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// All that a record says, for keyword search: of JSON each value as text, of anything else the whole
/// text. Read when somebody asks, since few rules do.
/// </summary>
static class RecordTexts
{
    public static IReadOnlyList<string> Of(RecordFormat format, ReadOnlySpan<byte> payload) =>
        format switch
        {
            RecordFormat.Json => OfJson(payload) ?? [Encoding.UTF8.GetString(payload)],
            RecordFormat.Syslog or RecordFormat.KeyValue or RecordFormat.Cef or RecordFormat.Text =>
                [Encoding.UTF8.GetString(payload)],
        };

    static List<string>? OfJson(ReadOnlySpan<byte> payload)
    {
        var texts = new List<string>();
        // A syslog header may stand before it.
        var reader = new Utf8JsonReader(payload[Math.Max(0, payload.IndexOf((byte)'{'))..]);
        try
        {
            while (reader.Read())
                if (reader.TokenType == JsonTokenType.String)
                    texts.Add(reader.GetString()!);
                else if (
                    reader.TokenType
                    is JsonTokenType.Number
                        or JsonTokenType.True
                        or JsonTokenType.False
                )
                    texts.Add(Encoding.UTF8.GetString(reader.ValueSpan));
            return texts;
        }
        // The reader has no other way to say that bytes are not JSON.
        catch (JsonException)
        {
            return null;
        }
        // A lone surrogate in an escape is JSON to the reader and no text to anybody.
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
