using System.Text.Json;

namespace Sentinel.Cli.Benchmarks;

/// <summary>The SSH rule from text to hit, and the Simple Event Correlator over the same file.</summary>
sealed class BenchSsh(DetectRuns detect, string folder, int lines, int seed)
{
    // Ten failures from one address in five minutes, then a success.
    const string PeerRules = """
        type=SingleWithThreshold
        ptype=RegExp
        pattern=sshd\[\d+\]: Failed password for (?:invalid user )?\S+ from (\S+) port
        desc=sshd_bf $1
        action=write /dev/stdout BF $1; create BF_$1 300
        window=300
        thresh=10

        type=Single
        ptype=RegExp
        pattern=sshd\[\d+\]: Accepted \S+ for (\S+) from (\S+) port
        context=BF_$2
        desc=bf_success $2
        action=write /dev/stdout BFS $2
        """;

    public async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellation)
    {
        var log = Path.Combine(folder, "ssh.log");
        var policies = Path.Combine(folder, "ssh.sentinel");
        var input = new SshInput(lines, seed);
        var sha256 = input.Write(log);
        await File.WriteAllTextAsync(policies, SshInput.PolicyText, cancellation);
        string[] arguments = [log, "--policies", policies, "--year", "2026"];
        var measured = new List<Measurement>();
        foreach (var workers in new[] { Environment.ProcessorCount, 1 }.Distinct())
        {
            var one = await detect.MeasureAsync(
                "ssh",
                [.. arguments, "--workers", $"{workers}"],
                hits => Check(input, hits),
                cancellation
            );
            measured.Add(
                one with
                {
                    Input = $"{lines} generated lines of an SSH server",
                    InputSha256 = sha256,
                    Seed = seed,
                    Workers = workers,
                }
            );
        }
        if (await PeerAsync(log, cancellation) is not { } peer)
            return
            [
                .. measured,
                new("sec", "sec is not installed: Debian's package 'sec' has it") { Input = log },
            ];
        return
        [
            .. measured.Select(m => m with { Ratios = RatioTo(peer, m) }),
            peer with
            {
                InputSha256 = sha256,
            },
        ];
    }

    static Dictionary<string, double> RatioTo(Measurement peer, Measurement measured) =>
        new() { ["sec"] = Math.Round(peer.Seconds!.Value / measured.Seconds!.Value, 2) };

    static void Check(SshInput input, IReadOnlyList<JsonElement> hits)
    {
        var found = hits.Where(hit => hit.GetProperty("rule").GetString() == "bench_ssh_guessing")
            .Select(hit => new ExpectedHit(
                hit.GetProperty("key").GetProperty("source_ip").GetString()!,
                hit.GetProperty("events").EnumerateArray().Last().GetProperty("line").GetInt64()
            ))
            .ToHashSet();
        if (found.SetEquals(input.Hits) && hits.Count == input.Hits.Count)
            return;
        var missing = input.Hits.Where(hit => !found.Contains(hit)).ToList();
        throw new IOException(
            $"The hits are wrong, so there is no speed: {input.Hits.Count} expected, {hits.Count} found, "
                + $"{missing.Count} missing{(missing.Count > 0 ? $", the first {missing[0]}" : "")}."
        );
    }

    async Task<Measurement?> PeerAsync(string log, CancellationToken cancellation)
    {
        var rules = Path.Combine(folder, "sec.conf");
        await File.WriteAllTextAsync(rules, PeerRules + "\n", cancellation);
        string[] arguments =
        [
            $"--conf={rules}",
            $"--input={log}",
            "--fromstart",
            "--notail",
            "--nochildterm",
        ];
        // It is slow enough for one run to be exact.
        if (await MeasuredProcess.RunAsync("sec", arguments, cancellation) is not { } run)
            return null;
        return new Measurement("sec")
        {
            Input = "the same lines",
            Events = lines,
            Seconds = Math.Round(run.Seconds, 3),
            Runs = [Math.Round(run.Seconds, 3)],
            EventsPerSecond = Math.Round(lines / run.Seconds),
            PeakMebibytes = Math.Round(run.PeakMebibytes, 1),
            Command = $"sec {string.Join(' ', arguments)}",
        };
    }
}
