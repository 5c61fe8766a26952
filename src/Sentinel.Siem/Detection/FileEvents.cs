using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>What one record of a file became.</summary>
/// <param name="Event">Null where it is no event; the reading says why.</param>
/// <param name="Late">It came behind what its source allows: the final hits leave it out.</param>
sealed record FileEvent(Reading Reading, EnrichedEvent? Event, bool Late)
{
    public RawEvent Raw => Reading.Raw;
}

/// <summary>Files read once more, for explanations, which want few of their events.</summary>
sealed class FileEvents(DetectRequest request, PolicySelection selection, TimeProvider clock)
{
    const int BatchRecordsMax = 1024;

    readonly Normaliser normaliser = new(
        selection.Fields,
        selection.Sources,
        new NormaliserOptions
        {
            Shipped = selection.ShippedSources,
            Source = request.Source,
            Year = request.Year,
            Zone = request.Zone,
        }
    );
    readonly Enricher enricher = new(selection.Fields, KnownThings.None);

    public IEnumerable<FileEvent> Read(string path)
    {
        using var stream = DetectFiles.Open(path);
        var name = Path.GetFileName(path);
        var origin = new InputOrigin(Guid.Empty, Guid.Empty, name, path, "detect", name);
        var input = new FileInput(stream, origin, clock);
        var latest = DateTimeOffset.MinValue;
        while (input.Read(BatchRecordsMax) is { Count: > 0 } raw)
        {
            var readings = normaliser.Normalise(raw);
            var events = enricher.Enrich(readings).ToDictionary(e => e.Event.Raw.Index);
            foreach (var reading in readings)
            {
                var enriched = events.GetValueOrDefault(reading.Raw.Index);
                var time = enriched?.Event.EventTime ?? DateTimeOffset.MinValue;
                latest = time > latest ? time : latest;
                var late = enriched is not null && latest - time > enriched.Event.Source.Lateness;
                yield return new FileEvent(reading, enriched, late);
            }
        }
    }
}
