using System.Diagnostics;
using System.Globalization;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Cli.Benchmarks;

/// <summary>
/// Throughput against rules, keys, partitions and batch size, each as a drawing. Rules and keys go through
/// the program as anybody starts it; partitions and batches are of the engine, which the program chooses.
/// </summary>
sealed class BenchPlots(DetectRuns detect, string folder, int lines, int events, int seed, int runs)
{
    static readonly int[] partitions = [1, 2, 4, 8, 16];
    static readonly int[] batches = [1, 10, 100, 1_000, 10_000];

    public async Task<IReadOnlyList<Measurement>> DrawAsync(
        string drawings,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(drawings);
        var machine = BenchMachine.This();
        var note =
            $"{machine.Processor}, {machine.Processors} processors; "
            + $"./sentinel bench detect --plots DIR --seed {seed}";
        var measured = new List<Measurement>();
        var rules = await new BenchWindows(detect, folder, events, seed).RulesAsync(cancellation);
        await KeepAsync("rules", "rules", rules.Where(m => m.Skipped is null), m => m.Rules!.Value);
        measured.AddRange(rules.Where(m => m.Skipped is not null));
        var keys = await new BenchKeys(detect, folder).NumbersAsync(lines, cancellation);
        await KeepAsync("keys", "keys", keys.Select(k => k.Measured), KeysOf);
        var (policy, raw) = Input();
        await KeepAsync(
            "partitions",
            "partitions of the keys",
            partitions.Select(count => Folded(policy, raw, count, 1_000)),
            m => int.Parse(m.Name.Split('-')[1], CultureInfo.InvariantCulture)
        );
        await KeepAsync(
            "batches",
            "records in a batch",
            batches.Select(count => Folded(policy, raw, 1, count)),
            m => int.Parse(m.Name.Split('-')[3], CultureInfo.InvariantCulture)
        );
        return measured;

        double KeysOf(Measurement one) => keys.Single(k => k.Measured == one).Keys;

        async Task KeepAsync(
            string name,
            string against,
            IEnumerable<Measurement> taken,
            Func<Measurement, double> x
        )
        {
            List<Measurement> all = [.. taken];
            if (all.Count == 0)
                return;
            measured.AddRange(all);
            var plot = new PlotSvg(
                $"Throughput against {against}",
                against,
                "events a second",
                note
            );
            var points = all.Select(m => new PlotPoint(x(m), m.EventsPerSecond!.Value)).ToList();
            var file = Path.Combine(drawings, $"throughput-{name}.svg");
            await File.WriteAllTextAsync(file, plot.Draw(points), cancellation);
        }
    }

    (Policy Policy, IReadOnlyList<RawEvent> Raw) Input()
    {
        var log = Path.Combine(folder, "plots.log");
        new SshInput(lines, seed).Write(log);
        var load = Policy.Load(
            [new PolicyText("bench.sentinel", SshInput.PolicyText)],
            EventFields.CreateTable()
        );
        using var stream = File.OpenRead(log);
        var origin = new InputOrigin(Guid.Empty, Guid.Empty, "bench", log, "bench");
        return (
            ((PolicyLoad.Loaded)load).Policy,
            new FileInput(stream, origin, TimeProvider.System).Read(lines)
        );
    }

    /// <exception cref="IOException">The hits are wrong: there is no speed to speak of.</exception>
    Measurement Folded(Policy policy, IReadOnlyList<RawEvent> raw, int partitionsCount, int batch)
    {
        var expected = new SshInput(lines, seed);
        expected.Write(Path.Combine(folder, "plots.log"));
        var seconds = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            var started = Stopwatch.GetTimestamp();
            var hits = Fold(policy, raw, partitionsCount, batch);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            var found = hits.Select(h => new ExpectedHit(h.Key[0].Value, h.Events[^1].Line));
            if (hits.Count != expected.Hits.Count || !expected.Hits.ToHashSet().SetEquals(found))
                throw new IOException(
                    $"The hits are wrong, so there is no speed: {expected.Hits.Count} expected, "
                        + $"{hits.Count} found with {partitionsCount} partitions and batches of {batch}."
                );
        }
        var median = DetectRuns.Median(seconds);
        return new Measurement($"partitions-{partitionsCount}-batch-{batch}")
        {
            Input = $"{lines} generated lines of an SSH server, in the engine",
            Events = raw.Count,
            Rules = policy.Rules.Count,
            Seed = seed,
            Hits = expected.Hits.Count,
            Seconds = Math.Round(median, 3),
            Runs = [.. seconds.Select(s => Math.Round(s, 3))],
            EventsPerSecond = Math.Round(raw.Count / median),
        };
    }

    static List<CorrelationHit> Fold(
        Policy policy,
        IReadOnlyList<RawEvent> raw,
        int partitionsCount,
        int batch
    )
    {
        var options = new NormaliserOptions { Year = 2026 };
        var normaliser = new Normaliser(policy.Fields, policy.Sources, options);
        var enricher = new Enricher(policy.Fields, KnownThings.None);
        var correlator = new Correlator(
            policy.Fields,
            policy.Rules,
            Guid.Empty,
            partitionsCount: partitionsCount
        );
        var hits = new List<CorrelationHit>();
        for (var at = 0; at < raw.Count; at += batch)
        {
            var records = new RawEvent[Math.Min(batch, raw.Count - at)];
            for (var i = 0; i < records.Length; i++)
                records[i] = raw[at + i];
            hits.AddRange(correlator.Correlate(enricher.Enrich(normaliser.Normalise(records))));
        }
        hits.AddRange(correlator.Advance(DateTimeOffset.MaxValue));
        return hits;
    }
}
