using System.Text.Json;

namespace Sentinel.Psa.Modules;

/// <summary>
/// Findings of the Open Cybersecurity Schema Framework 1.8: vulnerability (2002), compliance (2003) and
/// detection (2004).
/// </summary>
static class OcsfFinding
{
    /// <summary>What each class is about, as a type of finding.</summary>
    static readonly Dictionary<int, string> types = new()
    {
        [2002] = "vulnerability",
        [2003] = "compliance_gap",
        [2004] = "detection",
    };

    /// <summary>severity_id to 0..10: informational, low, medium, high, critical, fatal.</summary>
    static readonly Dictionary<int, int> severities = new()
    {
        [1] = 1,
        [2] = 3,
        [3] = 5,
        [4] = 8,
        [5] = 9,
        [6] = 10,
    };

    /// <summary>confidence_id to 0..100: low, medium, high.</summary>
    static readonly Dictionary<int, int> confidences = new()
    {
        [1] = 30,
        [2] = 60,
        [3] = 90,
    };

    public static bool Fits(JsonElement record) => record.At("class_uid").Number() is not null;

    public static ModuleRecord Read(JsonElement record, int place)
    {
        if (
            record.At("class_uid").Number() is not { } uid
            || !types.TryGetValue((int)uid, out var type)
        )
            return new ModuleRecord.BadRecord(
                place,
                $"class_uid {record.Text("class_uid")} is no finding that is taken: send 2002, 2003 or 2004"
            );
        var about = record.At("finding_info");
        if ((about.Text("uid") ?? record.Text("metadata", "uid")) is not { } id)
            return new ModuleRecord.BadRecord(place, "it has no finding_info.uid: send one");
        var title = about.Text("title") ?? about.Text("desc") ?? record.Text("message") ?? type;
        return ModuleRecords.Checked(
            place,
            new ModuleFinding(
                id,
                title,
                record.Text("severity") ?? record.Text("severity_id"),
                Of(severities, record.At("severity_id")),
                about.At("types").Texts().FirstOrDefault() ?? about.Text("analytic", "name"),
                type,
                record.At("confidence_score").Number() is { } score
                    ? (int)Math.Clamp(Math.Round(score), 0, 100)
                    : Of(confidences, record.At("confidence_id")),
                [.. AssetsOf(record).Distinct(StringComparer.OrdinalIgnoreCase)],
                record.Flat(),
                ModuleRecords.BytesOf(record)
            )
        );
    }

    static int? Of(Dictionary<int, int> scale, JsonElement id) =>
        id.Number() is { } number && scale.TryGetValue((int)number, out var ours) ? ours : null;

    // The device that a detection names, and the resources that are vulnerable or not compliant.
    static IEnumerable<string> AssetsOf(JsonElement record) =>
        record
            .At("device")
            .Items()
            .Concat(record.At("resource").Items())
            .Concat(record.At("resources").Items())
            .Concat(record.At("evidences").Items().Select(one => one.At("device")))
            .Select(thing =>
                thing.Text("uid")
                ?? thing.Text("hostname")
                ?? thing.Text("name")
                ?? thing.Text("ip")
            )
            .OfType<string>();
}
