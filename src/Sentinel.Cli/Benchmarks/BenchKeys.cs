using System.Globalization;
using System.Text.Json;

namespace Sentinel.Cli.Benchmarks;

/// <summary>What a counting rule remembers of each key: a million of them, three events each.</summary>
sealed class BenchKeys(DetectRuns detect, string folder)
{
    const int KeysCount = 1_000_000;
    const int EventsPerKey = 3;

    // A rule remembers up to 10,000 events of a key: fewer keys would measure how it forgets.
    static readonly int[] keyNumbers = [1_000, 10_000, 100_000, 1_000_000];

    public async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellation)
    {
        var log = Path.Combine(folder, "keys.log");
        Write(log, KeysCount, KeysCount * EventsPerKey);
        // The same lines, read in the same way, of which nothing is remembered.
        var nothing = await MeasureAsync(
            "keys-none",
            log,
            "auth.login_succeeded",
            EventsPerKey,
            cancellation
        );
        var counted = await MeasureAsync(
            "keys",
            log,
            "auth.login_failed",
            EventsPerKey,
            cancellation
        );
        var bytes = (counted.PeakMebibytes!.Value - nothing.PeakMebibytes!.Value) * 1024 * 1024;
        return
        [
            nothing,
            counted with
            {
                Ratios = new Dictionary<string, double>
                {
                    ["bytes_a_key"] = Math.Round(bytes / KeysCount),
                },
            },
        ];
    }

    /// <summary>As many lines each time, of more and more keys that are all remembered.</summary>
    public async Task<IReadOnlyList<(int Keys, Measurement Measured)>> NumbersAsync(
        int lines,
        CancellationToken cancellation
    )
    {
        var measured = new List<(int, Measurement)>();
        foreach (var keys in keyNumbers.Where(keys => keys <= lines))
        {
            var log = Path.Combine(folder, $"keys-{keys}.log");
            Write(log, keys, lines);
            var one = await MeasureAsync(
                $"keys-{keys}",
                log,
                "auth.login_failed",
                lines,
                cancellation
            );
            measured.Add((keys, one with { Input = $"{lines} failures from {keys} addresses" }));
            File.Delete(log);
        }
        return measured;
    }

    static void Write(string path, int keysCount, int lines)
    {
        using var text = new StreamWriter(path) { NewLine = "\n" };
        for (var i = 0; i < lines; i++)
        {
            var key = i % keysCount;
            var at = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(i);
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{at:yyyy-MM-ddTHH:mm:ss.fff}Z web-1 sshd[7]: Failed password for root from 10.{key >> 16}.{(key >> 8) & 255}.{key & 255} port 4711 ssh2"
                )
            );
        }
    }

    async Task<Measurement> MeasureAsync(
        string name,
        string log,
        string counted,
        int most,
        CancellationToken cancellation
    )
    {
        var policies = Path.Combine(folder, $"{name}.sentinel");
        await File.WriteAllTextAsync(policies, RuleOver(counted, most), cancellation);
        var measured = await detect.MeasureAsync(
            name,
            [log, "--policies", policies],
            Check,
            cancellation
        );
        return measured with
        {
            Input = $"{KeysCount} addresses, {EventsPerKey} failures each",
            Workers = Environment.ProcessorCount,
        };
    }

    static string RuleOver(string type, int most) =>
        $"""
            rule bench_keys
              "More failures than anybody has"
              severity 3
              let failed = event {type}
              aggregate failed by source_ip within 1d
                having count(failed) > {most}
              confidence 50
              raises bench_keys "failures from one address"
              test "three are not enough"
                at 00:00 "Failed password for root from 198.51.100.9 port 4711 ssh2" 3 times every 5s
                expect nothing
              test "nothing else counts"
                at 00:00 "Connection closed by 198.51.100.9 port 4711 [preauth]"
                expect nothing
            """;

    static void Check(IReadOnlyList<JsonElement> hits)
    {
        if (hits.Count > 0)
            throw new IOException(
                $"The hits are wrong, so there is no speed: none expected, {hits.Count} found, the first: "
                    + $"{hits[0].GetProperty("message").GetString()}"
            );
    }
}
