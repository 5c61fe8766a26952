using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sentinel.Psa.Modules;

/// <summary>
/// Results of a SARIF 2.1.0 log (OASIS). What passed, does not apply or was suppressed is no finding.
/// </summary>
static class SarifLog
{
    /// <summary>Section 3.27.10: a result without a level is a warning.</summary>
    const string LevelOfNone = "warning";

    static readonly Dictionary<string, int> levels = new(StringComparer.Ordinal)
    {
        ["error"] = 8,
        ["warning"] = 5,
        ["note"] = 2,
        ["none"] = 0,
    };

    public static bool Fits(JsonElement record) =>
        record.At("runs").ValueKind == JsonValueKind.Array && record.Text("version") is "2.1.0";

    /// <summary>The results that say that something is wrong, each with its run.</summary>
    public static IEnumerable<(JsonElement Run, JsonElement Result)> ResultsOf(JsonElement log) =>
        from run in log.At("runs").Items()
        from result in run.At("results").Items()
        where result.Text("kind") is null or "fail" or "open" or "review"
        where !result.At("suppressions").Items().Any(s => s.Text("status") is null or "accepted")
        select (run, result);

    public static ModuleRecord Read(JsonElement run, JsonElement result, int place)
    {
        var rule = RuleOf(run, result);
        var ruleId = result.Text("ruleId") ?? result.Text("rule", "id") ?? rule.Text("id");
        if (TextOf(rule, result) is not { } message)
            return new ModuleRecord.BadRecord(place, "it has no message.text: say what was found");
        var where = result.At("locations", "0", "physicalLocation");
        var file = where.Text("artifactLocation", "uri");
        var line = where.Text("region", "startLine");
        var tool = run.Text("tool", "driver", "name");
        var level =
            result.Text("level") ?? rule.Text("defaultConfiguration", "level") ?? LevelOfNone;
        // As scanners say it: a CVSS score, which is the same scale as ours.
        var score = (
            result.At("properties", "security-severity").Number()
            ?? rule.At("properties", "security-severity").Number()
        );
        var fields = result.Flat();
        foreach (
            var (name, value) in new[]
            {
                ("tool", tool),
                ("rule", ruleId),
                ("file", file),
                ("line", line),
                ("help", rule.Text("helpUri")),
            }
        )
            if (value is not null)
                fields.TryAdd(name, value);
        return ModuleRecords.Checked(
            place,
            new ModuleFinding(
                IdOf(result, tool, ruleId, file),
                file is null ? message : $"{message} ({file}{(line is null ? "" : ":" + line)})",
                score is null ? level : null,
                score is { } number
                    ? (int)Math.Clamp(Math.Round(number), 0, 10)
                    : levels.GetValueOrDefault(level, levels[LevelOfNone]),
                ruleId,
                null,
                result.At("rank").Number() is { } rank and >= 0
                    ? (int)Math.Clamp(rank, 0, 100)
                    : null,
                [
                    .. run.At("versionControlProvenance")
                        .Items()
                        .Select(one => one.Text("repositoryUri"))
                        .Append(result.Text("webRequest", "target"))
                        .OfType<string>()
                        .Distinct(StringComparer.OrdinalIgnoreCase),
                ],
                fields,
                ModuleRecords.BytesOf(result)
            )
        );
    }

    static JsonElement RuleOf(JsonElement run, JsonElement result)
    {
        var rules = run.At("tool", "driver", "rules");
        if (
            result.Text("ruleIndex") is { } place
            && rules.At(place) is { ValueKind: JsonValueKind.Object } rule
        )
            return rule;
        return result.Text("ruleId") is { } id
            ? rules.Items().FirstOrDefault(one => one.Text("id") == id)
            : default;
    }

    static string? TextOf(JsonElement rule, JsonElement result) =>
        result.Text("message", "text")
        ?? (result.Text("message", "id") is { } id ? rule.Text("messageStrings", id, "text") : null)
        ?? rule.Text("shortDescription", "text");

    // Section 3.27.17: fingerprints are what stays the same when the file around the result changes.
    static string IdOf(JsonElement result, string? tool, string? rule, string? file)
    {
        var said =
            First(result.At("fingerprints"))
            ?? First(result.At("partialFingerprints"))
            ?? result.Text("correlationGuid")
            ?? result.Text("guid")
            ?? result.At("locations").GetRawTextOrEmpty() + result.Text("message", "text");
        var text = $"{tool}\n{rule}\n{file}\n{said}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    static string? First(JsonElement members) =>
        members.ValueKind == JsonValueKind.Object
            ? members
                .EnumerateObject()
                .OrderBy(m => m.Name, StringComparer.Ordinal)
                .Select(m => m.Value.Text())
                .FirstOrDefault(text => text is not null)
            : null;

    static string GetRawTextOrEmpty(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? "" : element.GetRawText();
}
