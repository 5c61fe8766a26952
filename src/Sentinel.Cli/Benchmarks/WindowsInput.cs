using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Sentinel.Cli.Benchmarks;

/// <summary>
/// Recorded Windows events, repeated until there are enough: each time a day later and from other hosts, so
/// that no copy is a duplicate of another.
/// </summary>
sealed partial class WindowsInput
{
    const string TimeFormat = "yyyy-MM-dd";

    readonly List<(string Line, Match[] Changes)> lines;

    WindowsInput(List<(string, Match[])> lines) => this.lines = lines;

    public int Recorded => lines.Count;

    /// <summary>Null where the recordings are missing.</summary>
    public static WindowsInput? Read(string folder, bool processCreationsOnly)
    {
        if (!Directory.Exists(folder))
            return null;
        var lines = Directory
            .EnumerateFiles(folder, "*.json")
            .Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines)
            .Where(line => !processCreationsOnly || ProcessCreation().IsMatch(line));
        return new WindowsInput([.. lines.Select(l => (l, ToChange().Matches(l).ToArray()))]);
    }

    /// <summary>How often all that was recorded has to be there.</summary>
    public int CopiesFor(int events) => (events + lines.Count - 1) / lines.Count;

    /// <summary>Writes so many copies; the SHA-256 of the file.</summary>
    public string Write(string path, int copies)
    {
        using (var text = new StreamWriter(path) { NewLine = "\n" })
            for (var copy = 0; copy < copies; copy++)
                foreach (var (line, changes) in lines)
                    Write(text, line, changes, copy);
        using var written = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(written));
    }

    static void Write(TextWriter text, string line, Match[] changes, int copy)
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
                text.Write(date.AddDays(copy).ToString(TimeFormat, CultureInfo.InvariantCulture));
                at += day.Length;
            }
        }
        text.WriteLine(line.AsSpan(at));
    }

    [GeneratedRegex(
        """:\s*"(?<day>\d{4}-\d\d-\d\d)[T ]\d\d:|"(?:Hostname|Computer|ComputerName)"\s*:\s*"(?<host>[^"\\]+)(?=")"""
    )]
    private static partial Regex ToChange();

    [GeneratedRegex(
        """(?=.*"EventID"\s*:\s*1\b)(?=.*Microsoft-Windows-Sysmon/Operational)|(?=.*"EventID"\s*:\s*4688\b)"""
    )]
    private static partial Regex ProcessCreation();
}
