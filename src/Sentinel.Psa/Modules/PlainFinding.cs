using System.Text.Json;

namespace Sentinel.Psa.Modules;

/// <summary>
/// Any other JSON object: <c>id</c>, <c>title</c>, and what it has of <c>severity</c>, <c>category</c>,
/// <c>confidence</c> and <c>assets</c>.
/// </summary>
static class PlainFinding
{
    public static ModuleRecord Read(JsonElement record, int place)
    {
        if (record.ValueKind != JsonValueKind.Object)
            return new ModuleRecord.BadRecord(
                place,
                "it is no JSON object: send one for each finding"
            );
        if (First(record, "id", "uid", "finding_id") is not { } id)
            return new ModuleRecord.BadRecord(place, "it has no id: add the module's own, as 'id'");
        if (First(record, "title", "summary", "name", "message") is not { } title)
            return new ModuleRecord.BadRecord(
                place,
                "it has no title: say in 'title' what was found"
            );
        return ModuleRecords.Checked(
            place,
            new ModuleFinding(
                id,
                title,
                First(record, "severity", "risk", "priority"),
                null,
                First(record, "category", "type"),
                null,
                record.At("confidence").Number() is { } confidence
                    ? (int)Math.Clamp(Math.Round(confidence), 0, 100)
                    : null,
                [
                    .. record
                        .At("assets")
                        .Texts()
                        .Concat(record.At("asset").Texts())
                        .Concat(record.At("host").Texts())
                        .Distinct(StringComparer.OrdinalIgnoreCase),
                ],
                record.Flat(),
                ModuleRecords.BytesOf(record)
            )
        );
    }

    static string? First(JsonElement record, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (record.Text(name) is { } text)
                return text;
        return null;
    }
}
