using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Sentinel.Cli.Benchmarks;

/// <summary>
/// Recorded Windows events, moved to one day, in the order of time and repeated until there are enough: each
/// time behind the time before and from other hosts, so that no copy is a duplicate of another and no event
/// comes late.
/// </summary>
sealed partial class WindowsInput
{
    const string TimeFormat = "yyyy-MM-dd";

    // Early enough for thousands of copies to lie in the past.
    static readonly DateTime FirstDay = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    readonly List<(string Line, int Days, Match[] Changes)> lines;
    readonly int daysApart;

    WindowsInput(List<(string, int, Match[])> lines, int daysApart) =>
        (this.lines, this.daysApart) = (lines, daysApart);

    public int Recorded => lines.Count;

    /// <summary>Null where the recordings are missing.</summary>
    public static WindowsInput? Read(string folder, bool processCreationsOnly)
    {
        if (!Directory.Exists(folder))
            return null;
        var lines = new List<(string Line, int Days, DateTimeOffset At)>();
        foreach (
            var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
        )
        {
            var recorded = File.ReadLines(file)
                .Where(line => !processCreationsOnly || ProcessCreation().IsMatch(line))
                .Select(line => (Line: line, At: TimeOf(line)))
                .ToList();
            if (recorded.Count == 0)
                continue;
            var days = (FirstDay - recorded.Min(r => r.At).UtcDateTime.Date).Days;
            lines.AddRange(recorded.Select(r => (r.Line, days, r.At.AddDays(days))));
        }
        if (lines.Count == 0)
            throw new IOException($"{folder} has no *.json with events to repeat.");
        var last = lines.Max(l => l.At);
        return new WindowsInput(
            [
                .. lines
                    .OrderBy(l => l.At)
                    .Select(l => (l.Line, l.Days, ToChange().Matches(l.Line).ToArray())),
            ],
            (last.UtcDateTime.Date - FirstDay).Days + 1
        );
    }

    static DateTimeOffset TimeOf(string line) =>
        DateTimeOffset.TryParse(
            Time().Match(line).Groups["time"].ValueSpan,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : throw new IOException($"A recorded event has no @timestamp: {line}");

    /// <summary>How often all that was recorded has to be there.</summary>
    public int CopiesFor(int events) => (events + lines.Count - 1) / lines.Count;

    /// <summary>Writes so many copies; the SHA-256 of the file.</summary>
    public string Write(string path, int copies)
    {
        using (var text = new StreamWriter(path) { NewLine = "\n" })
            for (var copy = 0; copy < copies; copy++)
                foreach (var (line, days, changes) in lines)
                    Write(text, line, changes, copy, days + copy * daysApart);
        using var written = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(written));
    }

    static void Write(TextWriter text, string line, Match[] changes, int copy, int days)
    {
        var at = 0;
        foreach (var change in changes)
        {
            var (day, host) = (change.Groups["day"], change.Groups["host"]);
            var end = day.Success ? day.Index : host.Index + host.Length;
            text.Write(line.AsSpan(at, end - at));
            at = end;
            if (!day.Success)
                text.Write($"-{copy}");
            else
            {
                var date = DateOnly.ParseExact(day.Value, TimeFormat, CultureInfo.InvariantCulture);
                text.Write(date.AddDays(days).ToString(TimeFormat, CultureInfo.InvariantCulture));
                at += day.Length;
            }
        }
        text.WriteLine(line.AsSpan(at));
    }

    [GeneratedRegex("""@timestamp"\s*:\s*"(?<time>[^"]+)""")]
    private static partial Regex Time();

    [GeneratedRegex(
        """:\s*"(?<day>\d{4}-\d\d-\d\d)[T ]\d\d:|"(?:Hostname|Computer|ComputerName)"\s*:\s*"(?<host>[^"\\]+)(?=")"""
    )]
    private static partial Regex ToChange();

    [GeneratedRegex(
        """(?=.*"EventID"\s*:\s*1\b)(?=.*Microsoft-Windows-Sysmon/Operational)|(?=.*"EventID"\s*:\s*4688\b)"""
    )]
    private static partial Regex ProcessCreation();
}
