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
        // As it comes: what is made of it meanwhile would be taken from what is measured.
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellation);
        var ending = process.WaitForExitAsync(cancellation);
        var peak = 0L;
        // The launcher becomes the program, so the process id stays the same.
        while (await Task.WhenAny(ending, Task.Delay(SampleMilliseconds, cancellation)) != ending)
            peak = Math.Max(peak, PeakOf(process.Id));
        await ending;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await reading;
        if (process.ExitCode != 0)
            throw new IOException($"{program} failed: {(await errors).Trim()}");
        return new MeasuredRun(seconds, peak / 1024.0, process.ExitCode, [.. LinesOf(output)]);
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

    static IEnumerable<string> LinesOf(MemoryStream output)
    {
        output.Position = 0;
        using var reader = new StreamReader(output);
        while (reader.ReadLine() is { } line)
            yield return line;
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
