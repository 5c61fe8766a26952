namespace Sentinel.Cli.Benchmarks;

/// <summary>How long one waits before anything is read: with the shipped policies, and with all of Sigma.</summary>
sealed class BenchStart(string program, string folder, int runs)
{
    public async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellation)
    {
        var nothing = Path.Combine(folder, "nothing.log");
        await File.WriteAllTextAsync(nothing, "", cancellation);
        var measured = new List<Measurement>
        {
            await MeasureAsync("start", ["detect", nothing], cancellation),
        };
        var sigma = Path.Combine(
            Environment.GetEnvironmentVariable("SENTINEL_CORPORA") ?? "corpora",
            "sigma"
        );
        if (!Directory.Exists(sigma))
            return [.. measured, new("sigma", $"{sigma} is not there: set SENTINEL_CORPORA")];
        var imported = Path.Combine(folder, "imported");
        string[][] commands =
        [
            ["policy", "import-sigma", sigma, "--out", imported],
            ["policy", "check", imported],
            ["policy", "fmt", imported, "--check"],
            ["detect", nothing, "--policies", imported],
        ];
        foreach (var command in commands)
            measured.Add(
                await MeasureAsync(
                    $"sigma-{(command[0] == "detect" ? "start" : command[1])}",
                    command,
                    cancellation
                )
            );
        return measured;
    }

    async Task<Measurement> MeasureAsync(
        string name,
        string[] arguments,
        CancellationToken cancellation
    )
    {
        var measured = new List<MeasuredRun>();
        try
        {
            for (var i = 0; i < runs; i++)
                measured.Add((await MeasuredProcess.RunAsync(program, arguments, cancellation))!);
        }
        catch (IOException failure)
        {
            return new Measurement(name, failure.Message);
        }
        return new Measurement(name)
        {
            Seconds = Math.Round(DetectRuns.Median(measured.Select(r => r.Seconds)), 3),
            Runs = [.. measured.Select(r => Math.Round(r.Seconds, 3))],
            PeakMebibytes = Math.Round(measured.Max(r => r.PeakMebibytes), 1),
            Command = $"./sentinel {string.Join(' ', arguments)}",
        };
    }
}
