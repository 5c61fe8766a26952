using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Sigma;

/// <summary>What a rule says of itself, and what a finding of it says.</summary>
static partial class HeadWriter
{
    const int TextCharsMax = 4_000;
    const string OtherType = "suspicious_event";

    /// <summary>Sigma's own rules name no licence: they all have this one.</summary>
    const string DefaultLicence = "DRL-1.1";

    static readonly string[] statuses =
    [
        "stable",
        "test",
        "experimental",
        "deprecated",
        "unsupported",
    ];

    static readonly string[] levels = ["informational", "low", "medium", "high", "critical"];

    static readonly string[] relations = ["derived", "obsolete", "merged", "renamed", "similar"];

    public static void Write(StringBuilder text, SigmaHead head, string name)
    {
        text.Append($"{Limits.ImportedMark}{Clean(head.File.ReplaceLineEndings(" "))}\n");
        text.Append($"rule {name}\n");
        if (head.Description is { } description)
            text.Append($"  {Quoted(description)}\n");
        if (Guid.TryParseExact(head.Id, "D", out var id))
            text.Append($"  id {id}\n");
        Append(text, "title", head.Title);
        Append(text, "author", head.Author);
        Append(text, "license", head.Licence ?? DefaultLicence);
        AppendWord(text, "status", head.Status, statuses);
        AppendWord(text, "level", head.Level, levels);
        AppendDay(text, "date", head.Date);
        AppendDay(text, "modified", head.Modified);
        foreach (var reference in head.References)
            Append(text, "reference", reference);
        foreach (var falsePositive in head.FalsePositives)
            Append(text, "false positive", falsePositive);
        if (head.Tags.Count > 0)
            text.Append($"  tag {string.Join(", ", head.Tags.Select(Tag))}\n");
        foreach (var (how, other) in head.Related)
            if (relations.Contains(how) && Guid.TryParseExact(other, "D", out var otherId))
                text.Append($"  related {how} {otherId}\n");
        var techniques = Techniques(head);
        if (techniques.Count > 0)
            text.Append($"  attack {string.Join(", ", techniques)}\n");
        text.Append($"  severity {Severity(head.Level)}\n");
    }

    /// <param name="behind">Of the message: what it says beside the title.</param>
    public static void WriteVerdict(StringBuilder text, SigmaHead head, string behind)
    {
        text.Append($"  confidence {Confidence(head.Status)}\n");
        var message = PolicyWords.Message(Clean(head.Title))[..^1] + behind + "\"";
        text.Append($"  raises {FindingType(head)} {message}\n");
    }

    /// <summary>0 to 10; of a rule without a level, as of a medium one.</summary>
    static int Severity(string? level) =>
        level?.ToLowerInvariant() switch
        {
            "informational" => 1,
            "low" => 2,
            "high" => 7,
            "critical" => 9,
            _ => 5,
        };

    /// <summary>0 to 100: how well the rule was tried, as its authors say.</summary>
    static int Confidence(string? status) =>
        status?.ToLowerInvariant() switch
        {
            "stable" => 80,
            "test" => 65,
            "experimental" => 45,
            "deprecated" or "unsupported" => 20,
            _ => 50,
        };

    /// <summary>The first tactic of ATT&amp;CK that the rule names.</summary>
    static string FindingType(SigmaHead head) =>
        head.Tags.Select(t => Tactic().Match(t))
            .Where(m => m.Success)
            .Select(m => m.Groups[1].Value.Replace('-', '_'))
            .FirstOrDefault()
        ?? OtherType;

    static List<string> Techniques(SigmaHead head) =>
        [
            .. head
                .Tags.Select(t => Technique().Match(t))
                .Where(m => m.Success)
                .Select(m => m.Groups[1].Value.ToUpperInvariant())
                .Distinct(),
        ];

    static void Append(StringBuilder text, string clause, string? value)
    {
        if (value is not null)
            text.Append($"  {clause} {Quoted(value)}\n");
    }

    static void AppendWord(StringBuilder text, string clause, string? value, string[] known)
    {
        if (known.Contains(value?.ToLowerInvariant()))
            text.Append($"  {clause} {value!.ToLowerInvariant()}\n");
    }

    /// <summary>Old rules write days with slashes.</summary>
    static void AppendDay(StringBuilder text, string clause, string? value)
    {
        if (
            DateOnly.TryParseExact(
                value?.Replace('/', '-'),
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var day
            )
        )
            text.Append(CultureInfo.InvariantCulture, $"  {clause} {day:yyyy-MM-dd}\n");
    }

    static string Tag(string tag) => PlainWord().IsMatch(tag) ? tag : Quoted(tag);

    static string Quoted(string value) => PolicyWords.Quote(Clean(value));

    static string Clean(string value)
    {
        var text = value.ReplaceLineEndings("\n").Trim();
        return text.Length <= TextCharsMax ? text : text[..TextCharsMax];
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"\Aattack\.(t[0-9]{4}(?:\.[0-9]{3})?)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Technique();

    [GeneratedRegex(@"\Aattack\.([a-z]+(?:[-_][a-z]+)*)\z")]
    private static partial Regex Tactic();
}
