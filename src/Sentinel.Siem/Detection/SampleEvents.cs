using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>Reads a file that a test names, from the folder of its policy.</summary>
public delegate SampleReading ReadSample(string policyPath, string name);

/// <param name="Problem">One sentence; null where there are bytes.</param>
public sealed record SampleReading(byte[]? Bytes, string? Problem)
{
    public const int BytesMax = 1024 * 1024;

    public static SampleReading NotAtHand(string name) =>
        new(null, $"The sample {name} is not at hand here: run 'policy test' on the files.");
}

/// <summary>The events of a sample, at their own times. What nobody reads in it is left out, as in life.</summary>
sealed record SampleEvents(IReadOnlyList<EnrichedEvent> Events, string? Problem)
{
    const int RecordsMax = 10_000;

    public static SampleEvents None { get; } = new([], null);

    public DateTimeOffset? First => Events.Count == 0 ? null : Events.Min(e => e.Event.EventTime);

    public static SampleEvents Read(
        byte[] bytes,
        string name,
        Normaliser normaliser,
        Enricher enricher
    )
    {
        var file = Path.GetFileName(name);
        var origin = new InputOrigin(Guid.Empty, Guid.Empty, file, name, "test", file);
        using var stream = new MemoryStream(bytes);
        var raw = new FileInput(stream, origin, new TestClock()).Read(RecordsMax + 1);
        if (raw.Count > RecordsMax)
            return new SampleEvents([], $"The sample {name} has more than {RecordsMax} records.");
        var events = enricher.Enrich(normaliser.Normalise(raw));
        return events.Count > 0
            ? new SampleEvents(events, null)
            : new SampleEvents([], $"No source reads anything in the sample {name}.");
    }

    /// <summary>Any time would do, and the same always: lines without a year count back from it.</summary>
    sealed class TestClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => TestPolicies.Start.AddYears(1);
    }
}
