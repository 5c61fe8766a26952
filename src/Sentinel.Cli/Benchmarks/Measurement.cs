namespace Sentinel.Cli.Benchmarks;

/// <summary>What a benchmark says of one thing that it measured.</summary>
/// <param name="Skipped">Why it was not measured, or null.</param>
sealed record Measurement(string Name, string? Skipped = null)
{
    public string? Input { get; init; }
    public string? InputSha256 { get; init; }
    public int? Seed { get; init; }
    public long? Events { get; init; }
    public int? Rules { get; init; }
    public int? Workers { get; init; }

    /// <summary>Found, and equal to what had to be found.</summary>
    public long? Hits { get; init; }

    /// <summary>Of the whole process, the median of the runs.</summary>
    public double? Seconds { get; init; }
    public IReadOnlyList<double> Runs { get; init; } = [];
    public double? EventsPerSecond { get; init; }

    /// <summary>Without start and loading of policies.</summary>
    public double? EventsPerSecondReading { get; init; }
    public double? PeakMebibytes { get; init; }
    public IReadOnlyDictionary<string, double> Ratios { get; init; } =
        new Dictionary<string, double>();

    /// <summary>As can be typed again.</summary>
    public string? Command { get; init; }
}

/// <param name="Processors">How many the program may use.</param>
sealed record BenchMachine(string Processor, int Processors, long MemoryMebibytes, string System)
{
    public static BenchMachine This()
    {
        var name = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return new BenchMachine(
            name?.Split(':', 2)[1].Trim() ?? "unknown",
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
            $"{Environment.OSVersion}, .NET {Environment.Version}"
        );
    }
}
