using System.Net;
using System.Text;

namespace Sentinel.Psa.Stories;

/// <summary>An account as one page that needs nothing else and prints well. All times are UTC.</summary>
public static class AccountHtml
{
    const string Style = """
        body{font:11pt/1.45 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}
        h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .3rem;border-bottom:1px solid #999}
        p.state{margin:.2rem 0 1rem;color:#444}ul{margin:.3rem 0;padding-left:1.2rem}
        li{overflow-wrap:anywhere}li.step{margin-left:1.2rem}
        table{border-collapse:collapse;width:100%;font-size:9pt}
        td,th{text-align:left;vertical-align:top;padding:.15rem .5rem .15rem 0;border-bottom:1px solid #ddd}
        td{overflow-wrap:anywhere}td.time{white-space:nowrap}tr.refused td{font-style:italic}
        @page{size:A4;margin:18mm}@media print{body{max-width:none;margin:0;padding:0}
        h2,tr{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}}
        """;

    public static string Write(CaseAccount account)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
            .Append("style-src 'unsafe-inline'\"><title>")
            .Append(Safe(account.Number))
            .Append("</title><style>")
            .Append(Style)
            .Append("</style></head><body>\n<h1>")
            .Append(Safe(account.Number + ": " + account.Summary))
            .Append("</h1>\n<p class=\"state\">")
            .Append(Safe(AccountText.Head(account)))
            .Append("</p>\n");
        foreach (var answer in account.Answers)
        {
            page.Append("<h2>").Append(Safe(answer.Question)).Append("</h2>\n<ul>\n");
            foreach (var line in answer.Lines.DefaultIfEmpty("nothing"))
                page.Append(
                        line.StartsWith("  ", StringComparison.Ordinal)
                            ? "<li class=\"step\">"
                            : "<li>"
                    )
                    .Append(Safe(line.Trim()))
                    .Append("</li>\n");
            page.Append("</ul>\n");
        }
        page.Append("<h2>Every entry of the audit log</h2>\n<table><thead><tr><th>Time (UTC)</th>")
            .Append("<th>Who</th><th>What</th></tr></thead><tbody>\n");
        foreach (var row in account.Rows)
            page.Append(
                    row.Refused
                        ? "<tr class=\"refused\"><td class=\"time\">"
                        : "<tr><td class=\"time\">"
                )
                .Append(AccountText.Time(row.At))
                .Append("</td><td>")
                .Append(Safe(AccountText.Who(row)))
                .Append("</td><td>")
                .Append(Safe(row.Said))
                .Append("</td></tr>\n");
        return page.Append("</tbody></table>\n</body></html>\n").ToString();
    }

    static string Safe(string text) => WebUtility.HtmlEncode(text);
}
