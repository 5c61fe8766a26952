using System.Net;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Siem.Detection;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Siem;

/// <summary>The shipped library over real logs that nobody here wrote.</summary>
public sealed partial class LibraryCorpusTests
{
    const double FoundPartMin = 0.9;

    // Any past year: which one the tests run in must not tear a log apart.
    const int YearOfYearless = 2025;

    static readonly IReadOnlyList<PolicyText> shipped =
    [
        .. Repository.Files("policies", ".sentinel").Select(f => new PolicyText(f.Path, f.Text)),
    ];

    /// <summary>
    /// The hub's own assertions name who must be caught. Its buckets leak and our windows slide, so it is
    /// compared who is caught, not how often.
    /// </summary>
    [Fact]
    public void Nine_of_ten_attacking_addresses_of_the_hub_are_found()
    {
        var attacks = Attacks(Corpus("crowdsec-hub")).ToList();
        var expected = attacks.SelectMany(a => a.Sources.Select(s => (a.Name, Source: s))).ToList();
        var attackOf = attacks.SelectMany(a => a.Logs.Select(l => (l, a.Name))).ToDictionary();
        // Each log is an input of its own, and a finding belongs to the attack that its events are from.
        var found = (
            from hit in Detect([.. attackOf.Keys])
            from value in KeyValues(hit)
            from cited in hit.Hit.Events
            select (Name: attackOf[cited.InputKey], Source: value)
        ).ToHashSet();

        var addresses = expected.Where(e => IPAddress.TryParse(e.Source, out _)).ToList();
        var caught = addresses.Count(found.Contains);
        var missed = expected.Where(e => !found.Contains(e)).Select(e => $"{e.Name}: {e.Source}");
        var report =
            $"{caught} of {addresses.Count} addresses found, and "
            + $"{expected.Count(found.Contains)} of {expected.Count} sources of any kind; "
            + $"missed: {string.Join(", ", missed)}";
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.NotEmpty(addresses);
        Assert.True(caught >= FoundPartMin * addresses.Count, report);
    }

    [Theory]
    [InlineData("OpenSSH_2k.log")]
    [InlineData("Linux_2k.log")]
    [InlineData("Apache_2k.log")]
    public void A_public_log_gives_exactly_the_findings_that_somebody_looked_at(string name)
    {
        var log = Path.Combine(Corpus("loghub"), name);
        Assert.SkipUnless(File.Exists(log), $"There is no {log}.");

        var findings = Detect([log])
            .GroupBy(h => (h.Hit.RuleName, Key: string.Join(' ', KeyValues(h))))
            .Select(g => $"{g.Key.RuleName} | {g.Key.Key} | {g.Count()}")
            .Order(StringComparer.Ordinal);

        // RULE | KEY | HOW OFTEN | why that is right.
        var approved = File.ReadAllLines(
            Path.Combine(Repository.Root, "tests/Sentinel.Tests/Siem/Approved", name + ".txt")
        );
        var lines = approved.Where(l => !l.StartsWith('#')).Select(l => l.Split(" | ")).ToList();
        Assert.All(
            lines,
            l => Assert.True(l.Length == 4 && l[3].Length > 10, "a reason is missing")
        );
        Assert.Equal(
            lines.Select(l => string.Join(" | ", l[..3])).Order(StringComparer.Ordinal),
            findings
        );
    }

    static IEnumerable<string> KeyValues(DetectedHit hit) => hit.Hit.Key.Select(k => k.Value);

    static IReadOnlyList<DetectedHit> Detect(IReadOnlyList<string> logs) =>
        Assert
            .IsType<DetectOutcome.Detected>(
                new DetectFiles(TimeProvider.System).Run(
                    new DetectRequest
                    {
                        Files = logs,
                        Shipped = shipped,
                        Year = YearOfYearless,
                    },
                    TestContext.Current.CancellationToken
                )
            )
            .Hits;

    static IEnumerable<Attack> Attacks(string hub) =>
        from folder in new DirectoryInfo(Path.Combine(hub, "tests")).EnumerateDirectories()
        where AttackName().IsMatch(folder.Name)
        let assertions = Path.Combine(folder.FullName, "scenario.assert")
        where File.Exists(assertions)
        let sources = CaughtSource().Matches(File.ReadAllText(assertions))
        let logs = folder.GetFiles("*.log").Select(f => f.FullName).ToList()
        where sources.Count > 0 && logs.Count > 0
        orderby folder.Name
        select new Attack(
            folder.Name,
            logs,
            [.. sources.Select(s => s.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)]
        );

    static string Corpus(string name)
    {
        var corpora =
            Environment.GetEnvironmentVariable("SENTINEL_CORPORA")
            ?? Path.Combine(Repository.Root, "../shared/corpora");
        var folder = Path.Combine(corpora, name);
        Assert.SkipUnless(
            Directory.Exists(folder),
            $"There is no {folder}: set SENTINEL_CORPORA to where the corpora are."
        );
        return folder;
    }

    [GeneratedRegex("^(ssh|dovecot|postfix|nginx|apache|http|pgsql|mysql|auditd)")]
    private static partial Regex AttackName();

    [GeneratedRegex(
        """^"([^"]+)" in results\[[0-9]+\]\.Overflow\.GetSources\(\)""",
        RegexOptions.Multiline
    )]
    private static partial Regex CaughtSource();

    /// <param name="Sources">Mostly addresses; of some, accounts, programs and processes.</param>
    sealed record Attack(string Name, IReadOnlyList<string> Logs, IReadOnlyList<string> Sources);
}
