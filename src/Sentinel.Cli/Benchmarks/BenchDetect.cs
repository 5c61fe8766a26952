namespace Sentinel.Cli.Benchmarks;

/// <summary>Why a part gave no figures.</summary>
sealed record BenchFailure(string Part, string Reason);

/// <param name="Measurements">In the order in which they were taken.</param>
/// <param name="Failures">The parts that gave no figures; the others are complete.</param>
sealed record BenchReport(
    BenchMachine Machine,
    int Seed,
    IReadOnlyList<Measurement> Measurements,
    IReadOnlyList<BenchFailure> Failures
);

/// <summary>How fast <c>./sentinel detect</c> is, started as anybody starts it.</summary>
sealed record BenchDetect
{
    public static readonly string[] Parts = ["ssh", "windows", "keys", "start"];

    const string Drawings = "plots";

    public required int Lines { get; init; }
    public required int Events { get; init; }
    public required int Seed { get; init; }
    public required int Runs { get; init; }
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>A folder for drawings: then throughput is drawn, and the parts are not measured.</summary>
    public string? Plots { get; init; }

    public async Task<BenchReport> RunAsync(CancellationToken cancellation)
    {
        var home = Environment.GetEnvironmentVariable("SENTINEL_HOME") ?? ".";
        var program = Path.GetFullPath(Path.Combine(home, "sentinel"));
        if (!File.Exists(program))
            throw new IOException($"There is no {program}: set SENTINEL_HOME to the repository.");
        var folder = Directory.CreateTempSubdirectory("sentinel-bench-").FullName;
        try
        {
            return await MeasureAsync(program, folder, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task<BenchReport> MeasureAsync(
        string program,
        string folder,
        CancellationToken cancellation
    )
    {
        var detect = new DetectRuns(program, Runs);
        var measured = new List<Measurement>();
        var failures = new List<BenchFailure>();
        foreach (var part in Plots is null ? Parts.Where(part => Only.Contains(part)) : [Drawings])
            try
            {
                measured.AddRange(
                    part switch
                    {
                        "ssh" => await new BenchSsh(detect, folder, Lines, Seed).RunAsync(
                            cancellation
                        ),
                        "windows" => await new BenchWindows(detect, folder, Events, Seed).RunAsync(
                            cancellation
                        ),
                        Drawings => await new BenchPlots(
                            detect,
                            folder,
                            Lines,
                            Events,
                            Seed,
                            Runs
                        ).DrawAsync(Plots!, cancellation),
                        "keys" => await new BenchKeys(detect, folder).RunAsync(cancellation),
                        _ => await new BenchStart(program, folder, Runs).RunAsync(cancellation),
                    }
                );
            }
            // What the other parts found is not lost with it.
            catch (IOException failure)
            {
                failures.Add(new BenchFailure(part, failure.Message));
            }
        return new BenchReport(BenchMachine.This(), Seed, measured, failures);
    }
}
