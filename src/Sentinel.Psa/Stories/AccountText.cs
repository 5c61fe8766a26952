using System.Globalization;
using System.Text;

namespace Sentinel.Psa.Stories;

/// <summary>An account as plain text: the six answers, then every entry in its order. All times are UTC.</summary>
public static class AccountText
{
    public static string Write(CaseAccount account, bool withRows)
    {
        var text = new StringBuilder();
        text.Append(Head(account)).Append('\n').Append(Line(account.Summary)).Append('\n');
        foreach (var answer in account.Answers)
        {
            text.Append('\n').Append(answer.Question).Append('\n');
            foreach (var line in answer.Lines.DefaultIfEmpty("nothing"))
                text.Append("  ").Append(Line(line)).Append('\n');
        }
        if (withRows)
        {
            text.Append("\nEvery entry of the audit log\n");
            foreach (var row in account.Rows)
                text.Append(CultureInfo.InvariantCulture, $"  {Time(row.At)}  {Line(Who(row))} ")
                    .Append(Line(row.Said))
                    .Append('\n');
        }
        return text.ToString();
    }

    public static string Head(CaseAccount account) =>
        $"{account.Number}  severity {account.Severity}  {account.Status.Replace('_', ' ')}  "
        + $"as of {Time(account.AsOf)} UTC";

    public static string Who(ToldRow row) =>
        (row.ActorKind == "machine" ? "the machine " : "")
        + row.Actor
        + (row.OnBehalfOf is { } other ? $" (for {other})" : "");

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    // What people and logs wrote stays on its line, and no terminal obeys it.
    static string Line(string text) =>
        string.Concat(
            text.Select(c =>
                c is '\n' ? ' '
                : char.IsControl(c) ? '·'
                : c
            )
        );
}
