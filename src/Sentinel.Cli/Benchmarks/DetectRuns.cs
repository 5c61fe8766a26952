using System.Text.Json;

namespace Sentinel.Cli.Benchmarks;

/// <summary>Several runs of the real program over the same input, all of which must find the same.</summary>
sealed class DetectRuns(string program, int runs)
{
    /// <param name="check">Throws where the hits of a run are wrong.</param>
    /// <exception cref="IOException">The hits are wrong: there is no speed to speak of.</exception>
    public async Task<Measurement> MeasureAsync(
        string name,
        IReadOnlyList<string> arguments,
        Action<IReadOnlyList<JsonElement>> check,
        CancellationToken cancellation
    )
    {
        string[] all = ["detect", "--json", .. arguments];
        var measured = new List<MeasuredRun>();
        JsonElement summary = default;
        for (var i = 0; i < runs; i++)
        {
            var run =
                await MeasuredProcess.RunAsync(program, all, cancellation)
                ?? throw new IOException($"{program} cannot be started: is it there?");
            var objects = run.Objects.ToList();
            summary = objects[^1];
            check(objects[..^1]);
            measured.Add(run);
        }
        var seconds = Median(measured.Select(r => r.Seconds));
        var events = summary.GetProperty("events").GetInt64();
        return new Measurement(name)
        {
            Events = events,
            Rules = summary.GetProperty("rules").GetInt32(),
            Hits = summary.GetProperty("hits").GetInt64(),
            Seconds = Math.Round(seconds, 3),
            Runs = [.. measured.Select(r => Math.Round(r.Seconds, 3))],
            EventsPerSecond = Math.Round(events / seconds),
            EventsPerSecondReading = Math.Round(events / Median(measured.Select(ReadingSeconds))),
            PeakMebibytes = Math.Round(measured.Max(r => r.PeakMebibytes), 1),
            Command = $"./sentinel {string.Join(' ', all)}",
        };
    }

    static double ReadingSeconds(MeasuredRun run)
    {
        var summary = run.Objects.Last();
        return summary.GetProperty("seconds").GetDouble()
            - summary.GetProperty("loading_seconds").GetDouble();
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
