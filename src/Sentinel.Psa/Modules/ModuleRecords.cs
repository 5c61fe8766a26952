using System.Runtime.InteropServices;
using System.Text.Json;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Modules;

/// <summary>
/// A delivery cut into its findings: one JSON value, an array of them, or one a line. What each is, it says
/// itself: SARIF, OCSF or plain. A record that cannot be read is told of, and keeps back no other.
/// </summary>
static class ModuleRecords
{
    public const int BytesMax = 16 * 1024 * 1024;
    public const int FindingsMax = 2000;

    /// <summary>How many assets one finding may concern.</summary>
    public const int AssetsMax = 50;

    const int DepthMax = 64;

    // Of the delivery around the records: what is too deep is found in its record, and not in all of them.
    const int DeliveryDepthMax = 4096;
    const int IdCharsMax = 300;
    const int TitleCharsMax = 4000;
    const int WordCharsMax = 200;

    static readonly JsonDocumentOptions Options = new() { MaxDepth = DeliveryDepthMax };

    public static IReadOnlyList<ModuleRecord> Read(ReadOnlyMemory<byte> delivery)
    {
        if (delivery.Span.StartsWith("\uFEFF"u8))
            delivery = delivery["\uFEFF"u8.Length..];
        List<ModuleRecord> records =
        [
            .. ValuesOf(delivery)
                .SelectMany((record, place) => Of(record, place + 1))
                .Take(FindingsMax + 1),
        ];
        if (records.Count > FindingsMax)
            records[FindingsMax] = new ModuleRecord.BadRecord(
                FindingsMax + 1,
                $"a delivery has at most {FindingsMax} findings: send this and what follows apart"
            );
        return records;
    }

    /// <summary>The record as it came, byte for byte.</summary>
    public static byte[] BytesOf(JsonElement record) =>
        JsonMarshal.GetRawUtf8Value(record).ToArray();

    /// <summary>Within the bounds of what a case can hold; the whole record is its evidence.</summary>
    public static ModuleRecord Checked(int place, ModuleFinding finding) =>
        finding.OutsideId.Length > IdCharsMax
            ? new ModuleRecord.BadRecord(place, $"its id has more than {IdCharsMax} characters")
        : finding.AssetRefs.Count > AssetsMax
            ? new ModuleRecord.BadRecord(
                place,
                $"it concerns more than {AssetsMax} assets: send a finding for each group of them"
            )
        : new ModuleRecord.GoodRecord(
            finding with
            {
                Title = finding.Title.Cut(TitleCharsMax),
                SeverityWord = finding.SeverityWord?.Cut(WordCharsMax),
                Category = finding.Category?.Cut(WordCharsMax),
            }
        );

    static IEnumerable<ModuleRecord> Of(JsonElement? value, int place) =>
        value is not { } record ? [new ModuleRecord.BadRecord(place, "it is not JSON")]
        : FaultOf(record) is { } fault ? [new ModuleRecord.BadRecord(place, fault)]
        : SarifLog.Fits(record)
            ? SarifLog
                .ResultsOf(record)
                .Select((one, i) => SarifLog.Read(one.Run, one.Result, i + 1))
        : OcsfFinding.Fits(record) ? [OcsfFinding.Read(record, place)]
        : [PlainFinding.Read(record, place)];

    // JSON may hold bytes that are no UTF-8 and half a character as \u escape: that shows only when it is read.
    static string? FaultOf(JsonElement record)
    {
        var reader = new Utf8JsonReader(
            JsonMarshal.GetRawUtf8Value(record),
            new JsonReaderOptions { MaxDepth = DepthMax }
        );
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    _ = reader.GetString();
            return null;
        }
        catch (JsonException)
        {
            return $"it has more than {DepthMax} levels: send it flatter";
        }
        catch (InvalidOperationException)
        {
            return "it holds text that is not Unicode: send it as UTF-8";
        }
    }

    /// <summary>Null for what is not JSON.</summary>
    static IEnumerable<JsonElement?> ValuesOf(ReadOnlyMemory<byte> delivery)
    {
        if (Parsed(delivery) is { } whole)
        {
            foreach (var item in whole.Items())
                yield return item;
            if (whole.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
                yield return whole;
            yield break;
        }
        foreach (var line in LinesOf(delivery))
            yield return Parsed(line);
    }

    static JsonElement? Parsed(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text, Options).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static IEnumerable<ReadOnlyMemory<byte>> LinesOf(ReadOnlyMemory<byte> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (!line.Span.Trim(" \r\t"u8).IsEmpty)
                yield return line;
        }
    }
}
