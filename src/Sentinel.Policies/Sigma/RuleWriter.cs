using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>A Sigma rule as the text of a policy that a person can maintain.</summary>
static class RuleWriter
{
    const string Found = "found";

    /// <summary>Null, with the problem, where the language or the sources have nothing like it.</summary>
    public static string? Write(SigmaRule rule, string name, SigmaProblem problem)
    {
        var selection = new SelectionWriter(rule, "", [Found], problem);
        if (selection.Choose() is not { } choice)
            return null;
        var text = new StringBuilder();
        var layout = new PolicyLayout(text);
        HeadWriter.Write(text, rule.Head, name);
        text.Append('\n');
        selection.WriteParts(layout);
        layout.WriteSelection(Found, choice);
        text.Append($"\n  each {Found}\n");
        var place = choice.Type.Split('.')[0] is "windows" or "linux" or "macos"
            ? " on {host}"
            : "";
        HeadWriter.WriteVerdict(text, rule.Head, place);
        return text.ToString();
    }
}
