using System.Text;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Stories;

namespace Sentinel.Cli.Output;

/// <summary>Cases in lists, and what stands between a case and its end.</summary>
static class CaseText
{
    const int SummaryCharsMax = 90;

    public static string Line(Case one) =>
        $"{one.Number, -8} {one.Severity, 2}  {State(one), -11} {one.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm}"
        + $"  {Short(Printable(one.Summary))}";

    public static string State(Case one) =>
        one.Status switch
        {
            CaseState.Open => "open",
            CaseState.InProgress => "in progress",
            CaseState.Resolved => "resolved",
            CaseState.Closed => "closed",
        };

    /// <summary>What comes next, and who could do it.</summary>
    public static string Next(CaseStory story)
    {
        var text = new StringBuilder("\nWhat is next?\n");
        switch (story.Case.Status)
        {
            case CaseState.Open:
                text.Append("  somebody takes it\n");
                break;
            case CaseState.InProgress:
                text.Append("  whoever works on it resolves it\n");
                break;
            case CaseState.Resolved:
            case CaseState.Closed:
                break;
        }
        foreach (var left in story.ToClose)
            text.Append($"  {Printable(left.Reason)}: {left.Instead}\n");
        if (story.Case.Status == CaseState.Closed)
            text.Append("  nothing: it is closed and sealed\n");
        else if (story.ToClose.Count == 0 && story.Case.Status == CaseState.Resolved)
            text.Append("  somebody who did none of the work closes it\n");
        return text.ToString();
    }

    // What people wrote may hold anything; a terminal should not obey it.
    public static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));

    static string Short(string text) =>
        text.Length <= SummaryCharsMax ? text : text[..(SummaryCharsMax - 1)] + "…";
}
