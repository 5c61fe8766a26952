using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Psa.Automation;

/// <summary>What a workflow waits for of its case, in the words of policies.</summary>
static class CaseCondition
{
    public const string ActivityType = "Sentinel.AwaitCondition";
    public const string Met = "Met";
    const int CharsMax = 1_000;
    const int IdChars = 36;

    public static QueryLoad Read(string text) => Query.Load(text, CaseFields.CreateTable());

    /// <summary>What is wrong with it, or null.</summary>
    public static string? Problem(string text) =>
        text.Length > CharsMax ? $"A condition has at most {CharsMax} characters."
        : Read(text) is QueryLoad.Rejected { Diagnostics: [var first, ..] }
            ? $"{first.Message} {first.Help}".TrimEnd()
        : null;

    /// <summary>Under which it is waited for: the case, and what has to hold for it.</summary>
    public static string Key(Guid caseId, string text) => $"{caseId} {text}";

    public static (Guid CaseId, string Text) OfKey(string key) =>
        (Guid.Parse(key.AsSpan(0, IdChars)), key[(IdChars + 1)..]);
}
