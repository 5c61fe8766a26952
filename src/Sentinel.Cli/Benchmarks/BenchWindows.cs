using System.Text.Json;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Sigma;
using Sentinel.Policies.Store;

namespace Sentinel.Cli.Benchmarks;

/// <summary>All Windows rules of Sigma over recorded events; process creations alone; a hundred rules.</summary>
sealed class BenchWindows(DetectRuns detect, string folder, int events, int seed)
{
    const int FewRules = 100;
    static readonly int[] ruleNumbers = [30, 100, 300, 1_000];

    static string Corpora => Environment.GetEnvironmentVariable("SENTINEL_CORPORA") ?? "corpora";

    public async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellation)
    {
        var recordings = Path.Combine(Corpora, "otrf");
        var sigma = Path.Combine(Corpora, "sigma", "rules", "windows");
        if (!Directory.Exists(recordings) || !Directory.Exists(sigma))
            return
            [
                new(
                    "windows",
                    $"{recordings} and {sigma} are not both there: set SENTINEL_CORPORA to what holds them"
                ),
            ];
        var all = ImportSigma.Run(SigmaFolder.Read(sigma)).Texts;
        var random = new Random(seed);
        var few = all.OrderBy(_ => random.Next()).Take(FewRules).ToList();
        var every = await MeasureAsync("windows", recordings, all, false, cancellation);
        var creations = await MeasureAsync(
            "process-creations",
            recordings,
            all,
            true,
            cancellation
        );
        var hundred = await MeasureAsync("windows-100-rules", recordings, few, false, cancellation);
        var cost = every.Seconds!.Value / hundred.Seconds!.Value;
        return
        [
            every with
            {
                Ratios = new Dictionary<string, double>
                {
                    ["cost_of_100_rules"] = Math.Round(cost, 2),
                },
            },
            creations,
            hundred,
        ];
    }

    /// <summary>The same events for more and more rules, drawn by the seed; with all of them last.</summary>
    public async Task<IReadOnlyList<Measurement>> RulesAsync(CancellationToken cancellation)
    {
        var recordings = Path.Combine(Corpora, "otrf");
        var sigma = Path.Combine(Corpora, "sigma", "rules", "windows");
        if (!Directory.Exists(recordings) || !Directory.Exists(sigma))
            return [new("rules", $"{recordings} and {sigma} are not both there")];
        var all = ImportSigma.Run(SigmaFolder.Read(sigma)).Texts;
        var random = new Random(seed);
        var drawn = all.OrderBy(_ => random.Next()).ToList();
        var measured = new List<Measurement>();
        foreach (var count in ruleNumbers.Where(n => n < drawn.Count).Append(drawn.Count))
            measured.Add(
                await MeasureAsync(
                    $"rules-{count}",
                    recordings,
                    [.. drawn.Take(count)],
                    false,
                    cancellation
                )
            );
        return measured;
    }

    async Task<Measurement> MeasureAsync(
        string name,
        string recordings,
        IReadOnlyList<PolicyText> rules,
        bool processCreationsOnly,
        CancellationToken cancellation
    )
    {
        var input = WindowsInput.Read(recordings, processCreationsOnly)!;
        var (once, often) = (
            Path.Combine(folder, $"{name}.1.json"),
            Path.Combine(folder, $"{name}.json")
        );
        input.Write(once, 1);
        // Nearly every process creation here is a hit, and each is kept until the last: half as many will do.
        var copies = input.CopiesFor(processCreationsOnly ? events / 2 : events);
        var sha256 = input.Write(often, copies);
        var policies = Path.Combine(folder, name);
        Directory.CreateDirectory(policies);
        foreach (var rule in rules)
            await File.WriteAllTextAsync(
                Path.Combine(policies, rule.Path),
                rule.Text,
                cancellation
            );
        var expected = PlainEvaluation.Count(rules, ShippedPolicies.Texts, once);
        if (expected.Count == 0)
            throw new IOException(
                $"No rule finds anything in {recordings}, so there is no speed: does a source read it?"
            );
        var measured = await detect.MeasureAsync(
            name,
            [often, "--policies", policies],
            hits => Check(expected, copies, hits),
            cancellation
        );
        File.Delete(often);
        return measured with
        {
            Input =
                $"{input.Recorded} recorded events, {copies} times, each time behind the time before",
            InputSha256 = sha256,
            Seed = seed,
            Workers = Environment.ProcessorCount,
        };
    }

    static void Check(
        Dictionary<string, long> expected,
        int copies,
        IReadOnlyList<JsonElement> hits
    )
    {
        var found = hits.CountBy(hit => hit.GetProperty("rule").GetString()!)
            .ToDictionary(c => c.Key, c => (long)c.Value);
        var wrong = expected
            .Keys.Union(found.Keys)
            .Where(rule =>
                found.GetValueOrDefault(rule) != expected.GetValueOrDefault(rule) * copies
            )
            .Order(StringComparer.Ordinal)
            .ToList();
        if (wrong.Count > 0)
            throw new IOException(
                $"The hits are wrong, so there is no speed: {wrong.Count} rules differ, the first "
                    + $"{wrong[0]} with {found.GetValueOrDefault(wrong[0])} instead of "
                    + $"{expected.GetValueOrDefault(wrong[0]) * copies}."
            );
    }
}
