using System.Text;
using System.Text.Json;

namespace Sentinel.Psa.Modules;

/// <summary>
/// A delivery cut into its findings: one JSON value, an array of them, or one a line. What each is, it says
/// itself: SARIF, OCSF or plain. A record that cannot be read is told of, and keeps back no other.
/// </summary>
static class ModuleRecords
{
    public const int BytesMax = 16 * 1024 * 1024;
    public const int FindingsMax = 2000;

    const int DepthMax = 64;
    const int IdCharsMax = 300;
    const int AssetsMax = 50;

    static readonly JsonDocumentOptions Options = new() { MaxDepth = DepthMax };

    public static IReadOnlyList<ModuleRecord> Read(ReadOnlyMemory<byte> delivery)
    {
        var records = new List<ModuleRecord>();
        foreach (var (place, value) in ValuesOf(delivery).Index())
        {
            if (records.Count >= FindingsMax)
            {
                records.Add(
                    new ModuleRecord.BadRecord(
                        place + 1,
                        $"a delivery has at most {FindingsMax} findings: send this and what follows apart"
                    )
                );
                break;
            }
            if (value is { } record)
                records.AddRange(Of(record, place + 1));
            else
                records.Add(
                    new ModuleRecord.BadRecord(
                        place + 1,
                        $"it is not JSON of at most {DepthMax} levels"
                    )
                );
        }
        return records;
    }

    /// <summary>The record as it came, byte for byte.</summary>
    public static byte[] BytesOf(JsonElement record) => Encoding.UTF8.GetBytes(record.GetRawText());

    /// <summary>Within the bounds of what a case can hold.</summary>
    public static ModuleRecord Checked(int place, ModuleFinding finding) =>
        finding.OutsideId.Length > IdCharsMax
            ? new ModuleRecord.BadRecord(place, $"its id has more than {IdCharsMax} characters")
        : finding.AssetRefs.Count > AssetsMax
            ? new ModuleRecord.BadRecord(
                place,
                $"it concerns more than {AssetsMax} assets: send a finding for each group of them"
            )
        : new ModuleRecord.GoodRecord(finding);

    static IEnumerable<ModuleRecord> Of(JsonElement record, int place) =>
        SarifLog.Fits(record)
            ? SarifLog
                .ResultsOf(record)
                .Take(FindingsMax)
                .Select((one, i) => SarifLog.Read(one.Run, one.Result, i + 1))
        : OcsfFinding.Fits(record) ? [OcsfFinding.Read(record, place)]
        : [PlainFinding.Read(record, place)];

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
