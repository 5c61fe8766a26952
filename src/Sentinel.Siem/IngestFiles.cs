using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem;

public abstract record IngestOutcome
{
    public sealed record Ingested(IngestCounts Counts) : IngestOutcome;

    public sealed record Refused(string Reason) : IngestOutcome;
}

/// <summary>
/// Reads files through the event path. What was committed before, by this run, an earlier one that was
/// killed, or another process, is passed over and counted: the same file twice adds nothing, and a file
/// that grew goes on where it ended.
/// </summary>
public sealed class IngestFiles(SentinelDatabase database, EventPath path, TimeProvider clock)
{
    /// <summary>The registration for files of which nobody said who sent them.</summary>
    public const string DefaultSource = "files";

    readonly MicrosecondClock clock = new(clock);

    /// <param name="source">The registration that vouches for them.</param>
    /// <param name="progress">The counts so far, after every batch.</param>
    /// <exception cref="OperationFailedException">A file that cannot be read, by name.</exception>
    public async Task<IngestOutcome> RunAsync(
        Secret secret,
        IReadOnlyList<string> files,
        string? source,
        NormaliserOptions options,
        IProgress<IngestCounts>? progress,
        CancellationToken cancellation
    )
    {
        // All of them first: a slip in the third name should not be found after an hour.
        foreach (var file in files)
            Open(file).Dispose();
        var opened = await path.OpenSourceAsync(
            secret,
            source ?? DefaultSource,
            clock.GetUtcNow(),
            cancellation
        );
        if (opened.Refusal is { } reason)
            return new IngestOutcome.Refused(reason);
        var counts = new IngestCounts();
        foreach (var file in files)
        {
            using var stream = Open(file);
            var input = new FileInput(stream, opened.Origin!, clock);
            var reading = new FileResume(database, input, opened.Origin!.SourceId);
            try
            {
                counts = await ReadAsync(
                    secret,
                    file,
                    opened.Origin,
                    reading,
                    options,
                    counts,
                    progress,
                    cancellation
                );
            }
            catch (IOException failure)
            {
                throw Unreadable(file, failure);
            }
        }
        await path.SaveWindowsAsync(secret, cancellation);
        await path.JudgeRemainingAsync(secret, cancellation);
        return new IngestOutcome.Ingested(counts);
    }

    async Task<IngestCounts> ReadAsync(
        Secret secret,
        string file,
        InputOrigin origin,
        FileResume reading,
        NormaliserOptions options,
        IngestCounts before,
        IProgress<IngestCounts>? progress,
        CancellationToken cancellation
    )
    {
        var correlationId = Guid.CreateVersion7(clock.GetUtcNow());
        Input? input = null;
        var written = new IngestCounts();
        await reading.SkipCommittedAsync(secret, cancellation);
        while (reading.Next() is { Count: > 0 } raw)
        {
            input ??= InputOf(reading, origin, raw[0], file);
            var batch = new IngestBatch(input, raw, correlationId);
            if (await path.RunAsync(secret, batch, options, cancellation) is { } counts)
            {
                reading.Committed(raw.Count);
                written += counts;
            }
            else
            {
                await reading.SkipCommittedAsync(secret, cancellation);
                input = null;
            }
            progress?.Report(before + Total(written, reading));
        }
        return before + Total(written, reading);
    }

    static Input InputOf(FileResume reading, InputOrigin origin, RawEvent first, string file) =>
        reading.Continues is { } grown
            ? new Input(grown, origin.SourceId, InputKind.File, file)
            : Input.File(origin.SourceId, first.Position, file);

    static IngestCounts Total(IngestCounts written, FileResume reading) =>
        written with
        {
            SeenBefore = reading.SeenBefore,
            Lines = written.RawEvents + reading.SeenBefore,
        };

    static FileStream Open(string file)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan,
            };
            return new FileStream(file, options);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, failure);
        }
    }

    static OperationFailedException Unreadable(string file, Exception failure) =>
        new($"{file} cannot be read: {failure.Message.TrimEnd('.')}.", failure);
}
