using System.Diagnostics;
using System.Text.Json;

namespace Sentinel.Cli.Benchmarks;

/// <summary>One run of a program: how long, how much memory at most, and what it wrote.</summary>
sealed record MeasuredRun(
    double Seconds,
    double PeakMebibytes,
    int ExitCode,
    IReadOnlyList<string> Output
)
{
    /// <summary>The hits that <c>detect --json</c> printed, and its summary.</summary>
    public IEnumerable<JsonElement> Objects =>
        Output.Select(line => JsonDocument.Parse(line).RootElement);
}

/// <summary>Starts a program and waits for its end.</summary>
static class MeasuredProcess
{
    const int SampleMilliseconds = 20;

    /// <summary>Null where there is no such program.</summary>
    public static async Task<MeasuredRun?> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var started = Stopwatch.GetTimestamp();
        using var process = Start(start);
        if (process is null)
            return null;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var reading = ReadAsync(process.StandardOutput, cancellation);
        var peak = 0L;
        // The launcher becomes the program, so the process id stays the same.
        while (!await HasEndedAsync(process, cancellation))
            peak = Math.Max(peak, PeakOf(process.Id));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var output = await reading;
        if (process.ExitCode != 0)
            throw new IOException($"{program} failed: {(await errors).Trim()}");
        return new MeasuredRun(seconds, peak / 1024.0, process.ExitCode, output);
    }

    static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    static async Task<List<string>> ReadAsync(TextReader reader, CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellation) is { } line)
            lines.Add(line);
        return lines;
    }

    static async Task<bool> HasEndedAsync(Process process, CancellationToken cancellation)
    {
        using var sample = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        sample.CancelAfter(SampleMilliseconds);
        try
        {
            await process.WaitForExitAsync(sample.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return process.HasExited;
        }
    }

    /// <summary>The kernel's own high-water mark, in KiB.</summary>
    static long PeakOf(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status")
                .FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        }
        // It ended while we looked.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
