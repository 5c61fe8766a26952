namespace Sentinel.Cli.Benchmarks;

/// <param name="Measurements">In the order in which they were taken.</param>
sealed record BenchReport(BenchMachine Machine, int Seed, IReadOnlyList<Measurement> Measurements);

/// <summary>How fast <c>./sentinel detect</c> is, started as anybody starts it.</summary>
sealed record BenchDetect
{
    public static readonly string[] Parts = ["ssh", "windows", "keys", "start"];

    public required int Lines { get; init; }
    public required int Events { get; init; }
    public required int Seed { get; init; }
    public required int Runs { get; init; }
    public required IReadOnlyList<string> Only { get; init; }

    public async Task<BenchReport> RunAsync(CancellationToken cancellation)
    {
        var home = Environment.GetEnvironmentVariable("SENTINEL_HOME") ?? ".";
        var program = Path.GetFullPath(Path.Combine(home, "sentinel"));
        if (!File.Exists(program))
            throw new IOException($"There is no {program}: set SENTINEL_HOME to the repository.");
        var folder = Directory.CreateTempSubdirectory("sentinel-bench-").FullName;
        try
        {
            var detect = new DetectRuns(program, Runs);
            var measured = new List<Measurement>();
            if (Only.Contains("ssh"))
                measured.AddRange(
                    await new BenchSsh(detect, folder, Lines, Seed).RunAsync(cancellation)
                );
            if (Only.Contains("windows"))
                measured.AddRange(
                    await new BenchWindows(detect, folder, Events, Seed).RunAsync(cancellation)
                );
            if (Only.Contains("keys"))
                measured.AddRange(await new BenchKeys(detect, folder).RunAsync(cancellation));
            if (Only.Contains("start"))
                measured.AddRange(
                    await new BenchStart(program, folder, Runs).RunAsync(cancellation)
                );
            return new BenchReport(BenchMachine.This(), Seed, measured);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
