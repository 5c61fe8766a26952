using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Sigma;
using Sentinel.Policies.Store;
using Sentinel.Siem.Normalisation;
using Sentinel.Testing;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Imported rules beside an evaluator that was written from Sigma's specification.</summary>
public sealed class SigmaAgreementTests(ITestOutputHelper output)
{
    const int RulesSampled = 120;

    // Rules for programs whose logs are lines, so that they are asked of lines and not of records.
    static readonly string[] AboutLines =
    [
        "rules/linux/builtin/vsftpd/lnx_vsftpd_susp_error_messages.yml",
        "rules/linux/builtin/sshd/lnx_sshd_susp_ssh.yml",
        "rules/linux/builtin/clamav/lnx_clamav_relevant_message.yml",
        "rules/linux/builtin/guacamole/lnx_guacamole_susp_guacamole.yml",
        "rules/linux/builtin/cron/lnx_cron_crontab_file_modification.yml",
        "rules/web/product/nginx/web_nginx_core_dump.yml",
        "rules/web/product/apache/web_apache_threading_error.yml",
        "rules/web/product/apache/web_apache_segfault.yml",
        "rules-emerging-threats/2018/Exploits/CVE-2018-15473/lnx_sshd_exploit_cve_2018_15473.yml",
        "rules-emerging-threats/2019/Exploits/CVE-2019-14287/lnx_sudo_exploit_cve_2019_14287.yml",
        "rules-emerging-threats/2023/Exploits/CVE-2023-2283/"
            + "lnx_sshd_exploit_cve_2023_2283_libssh_authentication_bypass.yml",
    ];

    [Fact]
    public void An_imported_rule_takes_the_events_that_its_specification_says()
    {
        var files = Sampled([.. SigmaCorpus.Rules().Where(f => !AboutLines.Contains(f.Path))]);
        var detector = new ImportedRules(files);
        var differences = new List<string>();
        var (events, hits, withoutHit) = (0, 0, new List<string>());
        foreach (var file in files)
        {
            if (detector.RuleOf(file) is not { } imported)
                continue;
            var rule = new SpecRule(file.Text);
            var hitsBefore = hits;
            var isWritten = true;
            foreach (var candidate in SpecPaths.Events(rule.Asked))
            {
                if (SpecEnvelope.Complete(rule, candidate) is not { } sent)
                {
                    isWritten = false;
                    break;
                }
                var json = SpecEnvelope.Write(rule, sent, nested: events % 2 == 0).ToJsonString();
                var expected = rule.Matches(sent);
                events++;
                hits += expected ? 1 : 0;
                if (detector.Takes(imported, json) != expected)
                    differences.Add($"{file.Path}: {(expected ? "misses" : "takes")} {json}");
            }
            if (isWritten && hits == hitsBefore)
                withoutHit.Add(file.Path);
        }
        output.WriteLine(
            $"{files.Count} rules, {events} events, {hits} hits, {differences.Count} differences; "
                + $"{withoutHit.Count} rules without a hit: {string.Join(", ", withoutHit.Take(20))}"
        );
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(400)));
        Assert.True(withoutHit.Count <= files.Count / 20, "too many rules were never hit");
    }

    // It asks for a field USER, which a line of sudo has in the midst of a text that other events have too.
    const string AboutFieldOfLine =
        "rules-emerging-threats/2019/Exploits/CVE-2019-14287/lnx_sudo_exploit_cve_2019_14287.yml";

    /// <summary>How a line of the service begins.</summary>
    static readonly Dictionary<string, string> lineHeads = new()
    {
        ["apache"] = "[Mon Nov 23 08:00:00.000000 2026] [core:notice] [pid 411] ",
        ["clamav"] = "Nov 23 08:00:00 gateway clamd[411]: ",
        ["guacamole"] = "Nov 23 08:00:00 gateway guacd[411]: ",
        ["nginx"] = "2026/11/23 08:00:00 [alert] 411#411: ",
    };

    [Fact]
    public void A_rule_about_lines_takes_those_that_its_specification_says()
    {
        var files = SigmaCorpus
            .Rules()
            .Where(f => AboutLines.Contains(f.Path) && f.Path != AboutFieldOfLine)
            .ToList();
        var detector = new ImportedRules(files);
        var differences = new List<string>();
        foreach (var file in files)
        {
            var rule = new SpecRule(file.Text);
            var service = rule.Service!;
            var head = lineHeads.GetValueOrDefault(
                service,
                $"Nov 23 08:00:00 gateway {service}[411]: "
            );
            foreach (var candidate in SpecPaths.Events(rule.Asked))
            {
                var line = head + string.Join(' ', candidate.Fields.Values);
                if (detector.Takes(detector.RuleOf(file)!, line) != rule.Matches(candidate))
                    differences.Add($"{file.Path}: {line}");
            }
        }
        Assert.Equal(AboutLines.Length - 1, files.Count);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Of_a_hundred_rules_ninety_nine_are_imported_as_texts_that_are_not_longer()
    {
        var files = SigmaCorpus.Rules();

        var import = ImportSigma.Run(files);

        var lines = files.Sum(f => (long)f.Text.Count(c => c == '\n'));
        var ours = import.Texts.Sum(t => (long)t.Text.Count(c => c == '\n'));
        output.WriteLine(
            $"{import.Imported} of {import.Rules} rules, {ours} lines instead of {lines}; not "
                + string.Join("; ", import.Skipped.Select(s => $"{s.File}: {s.Reason}"))
        );
        Assert.True(import.Imported >= 0.99 * import.Rules);
        Assert.True(ours <= 1.5 * lines);
        Assert.Equal(import.Texts, ImportSigma.Run(files).Texts);
    }

    [Fact]
    public void Recorded_events_fire_the_rules_that_they_were_recorded_for()
    {
        var recordings = Recording.All();
        var detector = new ImportedRules([.. recordings.Select(r => r.Rule).Distinct()]);

        List<string> missed =
        [
            .. recordings
                .Select(r =>
                    (r, Fired: r.Events.Count(e => detector.Takes(detector.RuleOf(r.Rule)!, e)))
                )
                .Where(f => f.Fired < f.r.AtLeast)
                .Select(f => $"{f.r.Rule.Path}: {f.Fired} of {f.r.AtLeast}"),
        ];

        output.WriteLine($"{recordings.Count} rules have recorded events.");
        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    /// <summary>All of them in a long run, else as many as take a second.</summary>
    static IReadOnlyList<SigmaFile> Sampled(IReadOnlyList<SigmaFile> files)
    {
        if (Environment.GetEnvironmentVariable("SENTINEL_LONG") is { Length: > 0 })
            return files;
        var chance = new Random((int)RunSeed.Chance.Seed);
        return [.. files.OrderBy(_ => chance.Next()).Take(RulesSampled)];
    }
}

/// <summary>Rules imported together with the shipped sources, ready to be asked.</summary>
sealed class ImportedRules
{
    readonly Dictionary<string, RuleDeclaration> rules = [];
    readonly Dictionary<string, Normaliser> normalisers = [];
    readonly Policy policy;

    public ImportedRules(IReadOnlyList<SigmaFile> files)
    {
        var import = ImportSigma.Run(files);
        var load = Policy.Load(
            [.. import.Texts, .. ShippedPolicies.Texts],
            EventFields.CreateTable()
        );
        policy = load is PolicyLoad.Loaded loaded
            ? loaded.Policy
            : throw new InvalidOperationException(
                string.Join('\n', ((PolicyLoad.Rejected)load).Diagnostics.Take(20))
            );
        foreach (var rule in policy.Rules)
            rules[rule.Name] = rule;
    }

    /// <summary>Null for one that was not imported.</summary>
    public RuleDeclaration? RuleOf(SigmaFile file) =>
        rules.GetValueOrDefault(Path.GetFileNameWithoutExtension(file.Path));

    public bool Takes(RuleDeclaration rule, string json)
    {
        var selector = ((Pattern.Single)rule.Pattern).Selector;
        return Takes(selector, json, null)
            || SourcesOf(selector).Any(source => Takes(selector, json, source));
    }

    bool Takes(EventSelector selector, string json, string? source)
    {
        var key = source ?? "";
        if (!normalisers.TryGetValue(key, out var normaliser))
            normalisers[key] = normaliser = new Normaliser(
                policy.Fields,
                policy.Sources,
                new NormaliserOptions { Source = source }
            );
        var raw = Siem.Some.Raw([json]);
        return normaliser.Normalise(raw) is [Reading.Normalised { Event: var read }]
            && (selector.Category is null || selector.Category == read.Category)
            && (selector.Type is null || selector.Type == read.Type)
            && selector.Conditions.All(c => c.Holds(read));
    }

    /// <summary>
    /// Events of Windows find their source; others are also given to those that make their type, since
    /// what a rule asks for may not be all that an ordinary event has.
    /// </summary>
    IEnumerable<string> SourcesOf(EventSelector selector) =>
        selector.Category is "windows"
            ? []
            : policy
                .Sources.Where(s =>
                    s.RecordIsOpen
                    && (selector.Category ?? "linux") is var category
                    && s.Maps.Any(m =>
                        m.Is.Category == category
                        && (selector.Type is null || m.Is.Type == selector.Type)
                    )
                )
                .Select(s => s.Name);
}
