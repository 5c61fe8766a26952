using System.Diagnostics;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

public sealed record DetectRequest
{
    /// <summary>Independent inputs: their order changes nothing.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The texts that come with the program.</summary>
    public required IReadOnlyList<PolicyText> Shipped { get; init; }

    /// <summary>Replaces the shipped rules; their sources stay, behind those given here.</summary>
    public IReadOnlyList<PolicyText>? Policies { get; init; }

    /// <summary>Rules beside those; one that cannot be loaded is left out, and listed.</summary>
    public IReadOnlyList<PolicyText> Added { get; init; } = [];

    /// <summary>Restricts reading to the source of this name, which then takes every record of its format.</summary>
    public string? Source { get; init; }

    public int? Year { get; init; }

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>How many read at once; null for as many as the machine has processors.</summary>
    public int? Readers { get; init; }

    /// <summary>How much of a file is read in one go, where its lines allow.</summary>
    internal int BlockBytes { get; init; } = BlockReader.BlockBytes;

    /// <summary>Gives later matches under <c>once per</c> too, not only their number.</summary>
    public bool All { get; init; }

    /// <summary>Geo databases (mmdb), or none.</summary>
    public IReadOnlyList<string> GeoDatabases { get; init; } = [];

    /// <summary>Told how many bytes were read, now and then.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>Every answer that detection over files can give.</summary>
public abstract record DetectOutcome
{
    public sealed record Detected(DetectSummary Summary) : DetectOutcome
    {
        /// <summary>In the order of their last event, where nobody else took them.</summary>
        public IReadOnlyList<DetectedHit> Hits { get; init; } = [];

        /// <summary>Why added rules were left out.</summary>
        public IReadOnlyList<Diagnostic> LeftOut { get; init; } = [];
    }

    public sealed record BadPolicies(IReadOnlyList<Diagnostic> Diagnostics) : DetectOutcome;

    /// <param name="Reason">One sentence with what to do.</param>
    public sealed record Refused(string Reason) : DetectOutcome;
}

/// <param name="Suppressed">How many later matches <c>once per</c> counted on its finding.</param>
public sealed record DetectedHit(CorrelationHit Hit, long Suppressed);

/// <param name="Events">Records in all: normalised, unparsed and duplicates.</param>
/// <param name="Hits">Matches that raise a finding.</param>
/// <param name="UnparsedReasons">The most frequent, with their numbers.</param>
public sealed record DetectSummary(
    long Events,
    long Normalised,
    long Unparsed,
    long Duplicates,
    long Late,
    int Rules,
    long Hits,
    TimeSpan Elapsed,
    long PeakMemoryBytes,
    IReadOnlyList<KeyValuePair<string, long>> UnparsedReasons
)
{
    /// <summary>Of the elapsed time, until the first byte of a file was read.</summary>
    public TimeSpan Loading { get; init; }

    /// <summary>Matches that fall under an exception of their rule, and raise nothing.</summary>
    public long Excepted { get; init; }
}

/// <summary>Sources and rules over files, without a database: what would be found in them.</summary>
public sealed class DetectFiles(TimeProvider clock)
{
    const int ReasonsListed = 10;
    const int PartsAheadMax = 8;

    /// <summary>All hits at once, in the order of their last event.</summary>
    public DetectOutcome Run(DetectRequest request, CancellationToken cancellation)
    {
        var hits = new List<DetectedHit>();
        var outcome = Run(request, hits.Add, cancellation);
        return outcome is DetectOutcome.Detected detected ? detected with { Hits = hits } : outcome;
    }

    /// <summary>Streams the files; the end of input is the end of time.</summary>
    /// <param name="take">
    /// Given each hit in the order of their last event, as soon as no other can come before it and no later
    /// match counts on it; on a thread of its choice, one after another.
    /// </param>
    public DetectOutcome Run(
        DetectRequest request,
        Action<DetectedHit> take,
        CancellationToken cancellation
    )
    {
        var started = clock.GetTimestamp();
        var selection = PolicySelection.Load(
            request.Shipped,
            request.Policies,
            request.Added,
            out var problems
        );
        if (selection is null)
            return new DetectOutcome.BadPolicies(problems);
        if (ProblemOf(request, selection) is { } problem)
            return new DetectOutcome.Refused(problem);
        var opening = GeoDatabase.Open(request.GeoDatabases);
        if (opening is GeoOpening.Unusable unusable)
            return new DetectOutcome.Refused(unusable.Reason);
        var geo = ((GeoOpening.Opened)opening).Database;
        try
        {
            return Detect(request, selection, geo, take, started, cancellation) with
            {
                LeftOut = problems,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DetectOutcome.Refused($"A file cannot be read: {e.Message}");
        }
        finally
        {
            geo.Dispose();
        }
    }

    DetectOutcome.Detected Detect(
        DetectRequest request,
        PolicySelection selection,
        GeoDatabase geo,
        Action<DetectedHit> take,
        long started,
        CancellationToken cancellation
    )
    {
        var found = new FoundHits(selection.Rules, request.All, take);
        var tally = new DetectTally();
        var correlator = new Correlator(selection.Fields, selection.Rules, Guid.Empty);
        using var pool = new ReaderPool(
            request.Readers ?? Environment.ProcessorCount,
            () => NewReader(request, selection, geo, correlator)
        );
        var loading = clock.GetElapsedTime(started);
        var files = Files(request, pool);
        try
        {
            var lateness = selection
                .Sources.Concat(selection.ShippedSources)
                .Select(s => s.Lateness)
                .Append(TimeSpan.Zero)
                .Max();
            var cursors = files.ConvertAll(parts => new FileCursor(
                parts,
                lateness,
                tally,
                () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    request.Progress?.Report(files.Sum(f => f.BytesRead));
                }
            ));
            Fold(cursors, correlator, found);
        }
        finally
        {
            foreach (var parts in files)
                parts.Dispose();
        }
        return new DetectOutcome.Detected(
            Summary(tally, selection, found, clock.GetElapsedTime(started)) with
            {
                Loading = loading,
            }
        );
    }

    static void Fold(List<FileCursor> cursors, Correlator correlator, FoundHits found)
    {
        var hits = new List<CorrelationHit>();
        foreach (var match in Merged(cursors))
        {
            correlator.Accept(match, hits);
            if (hits.Count == 0)
                continue;
            found.Add(hits);
            hits.Clear();
        }
        found.Add(correlator.Advance(DateTimeOffset.MaxValue));
        found.End();
    }

    static IEnumerable<RuleMatch> Merged(List<FileCursor> cursors)
    {
        var heads = new PriorityQueue<FileCursor, EventOrder>();
        foreach (var cursor in cursors)
            if (cursor.Next() is { } order)
                heads.Enqueue(cursor, order);
        while (heads.TryDequeue(out var cursor, out _))
        {
            // Mostly the same file goes on, and then there is nothing to sort.
            EventOrder? next;
            do yield return cursor.Take();
            while (
                (next = cursor.Next()) is { } order
                && (!heads.TryPeek(out _, out var other) || order < other)
            );
            if (next is { } later)
                heads.Enqueue(cursor, later);
        }
    }

    List<FileParts> Files(DetectRequest request, ReaderPool pool)
    {
        // Sorted, so that which of two equal files is the duplicate does not depend on who came first.
        string[] paths = [.. request.Files.Order(StringComparer.Ordinal)];
        var shared = SharedBeginnings.Of(paths);
        var receivedAt = clock.GetUtcNow();
        // Many files keep the readers busy with a part of each.
        var ahead = Math.Max(1, PartsAheadMax / Math.Max(1, paths.Length));
        return
        [
            .. paths.Select(
                (path, i) =>
                    new FileParts(
                        path,
                        AlikeIn(path, receivedAt),
                        shared[i],
                        ahead,
                        pool,
                        request.BlockBytes
                    )
            ),
        ];
    }

    static EventReader NewReader(
        DetectRequest request,
        PolicySelection selection,
        GeoDatabase geo,
        Correlator correlator
    ) =>
        new(
            new Normaliser(
                selection.Fields,
                selection.Sources,
                new NormaliserOptions
                {
                    Shipped = selection.ShippedSources,
                    Source = request.Source,
                    Year = request.Year,
                    Zone = request.Zone,
                }
            ),
            new Enricher(selection.Fields, KnownThings.None, geo),
            correlator.NewMatcher()
        );

    /// <summary>What all records of a file have in common.</summary>
    static RawEvent AlikeIn(string path, DateTimeOffset receivedAt) =>
        new()
        {
            OrganisationId = Guid.Empty,
            SourceId = Guid.Empty,
            SourceSystem = Path.GetFileName(path),
            InputKey = path,
            FileName = Path.GetFileName(path),
            Index = 0,
            Position = Digest.Zero,
            ReceivedAt = receivedAt,
            IngestionNode = "detect",
            PayloadBytes = default,
            PayloadHash = Digest.Zero,
        };

    static string? ProblemOf(DetectRequest request, PolicySelection selection)
    {
        foreach (var path in request.Files)
        {
            if (Directory.Exists(path))
                return $"{path} is a folder: name the files in it.";
            if (!File.Exists(path))
                return $"There is no file {path}: check the name.";
            using var file = Open(path);
            if (!file.CanSeek)
                return $"{path} is a pipe, and files are read more than once: write it to a file first.";
        }
        string[] names =
        [
            .. selection.Sources.Concat(selection.ShippedSources).Select(s => s.Name).Order(),
        ];
        return request.Source is { } asked && !names.Contains(asked)
            ? $"There is no source {asked}: name one of {string.Join(", ", names)}."
            : null;
    }

    internal static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);

    static DetectSummary Summary(
        DetectTally tally,
        PolicySelection selection,
        FoundHits found,
        TimeSpan elapsed
    )
    {
        using var process = Process.GetCurrentProcess();
        return new DetectSummary(
            tally.Normalised + tally.Unparsed + tally.Duplicates,
            tally.Normalised,
            tally.Unparsed,
            tally.Duplicates,
            tally.Late,
            selection.Rules.Count,
            found.Raising,
            elapsed,
            process.PeakWorkingSet64,
            [
                .. tally
                    .Reasons.OrderByDescending(r => r.Value)
                    .ThenBy(r => r.Key, StringComparer.Ordinal)
                    .Take(ReasonsListed),
            ]
        )
        {
            Excepted = found.Excepted,
        };
    }
}
