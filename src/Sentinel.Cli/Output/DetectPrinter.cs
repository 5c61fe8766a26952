using System.Collections.Concurrent;
using System.Text;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Output;

/// <summary>Prints hits beside the work that finds them, in the order in which they are given.</summary>
/// <param name="waits">Nothing is printed before the end: what is on a terminal meanwhile stays whole.</param>
sealed class DetectPrinter(TextWriter output, bool json, bool waits) : IAsyncDisposable
{
    const int HitsAhead = 4096;
    const int BufferChars = 16 * 1024;

    readonly BlockingCollection<DetectedHit> hits = new(waits ? int.MaxValue : HitsAhead);
    readonly CancellationTokenSource failed = new();
    Task? printing;

    /// <exception cref="OperationCanceledException">Nobody reads the output any more.</exception>
    public void Print(DetectedHit hit)
    {
        if (!waits)
            printing ??= Task.Run(PrintAll);
        hits.Add(hit, failed.Token);
    }

    /// <summary>The hits that are left, then the summary.</summary>
    public async Task EndAsync(DetectSummary summary)
    {
        hits.CompleteAdding();
        await (printing ??= Task.Run(PrintAll));
        if (json)
            await output.WriteLineAsync(DetectJson.Line(summary));
        else
            DetectText.WriteSummary(output, summary);
    }

    public async ValueTask DisposeAsync()
    {
        hits.CompleteAdding();
        if (printing is not null)
            await printing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        hits.Dispose();
        failed.Dispose();
    }

    void PrintAll()
    {
        try
        {
            // Each piece is written at once, and there may be many thousand hits.
            var lines = new StringBuilder();
            foreach (var hit in hits.GetConsumingEnumerable())
            {
                lines.Append(json ? DetectJson.Line(hit) : DetectText.Line(hit)).Append('\n');
                if (lines.Length < BufferChars && hits.Count > 0)
                    continue;
                output.Write(lines);
                lines.Clear();
            }
        }
        catch
        {
            failed.Cancel();
            throw;
        }
    }
}
