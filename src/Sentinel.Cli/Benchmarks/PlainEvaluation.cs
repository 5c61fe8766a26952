using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Cli.Benchmarks;

/// <summary>
/// What rules of one event each find, in the slowest and plainest way: every condition of every rule asked
/// of every event. Shares with detection how events are read, and nothing of how rules are matched.
/// </summary>
static class PlainEvaluation
{
    const int BatchRecordsMax = 1024;

    /// <summary>The hits of each rule by its name; rules over several events are left out.</summary>
    public static Dictionary<string, long> Count(
        IReadOnlyList<PolicyText> asked,
        IReadOnlyList<PolicyText> beside,
        string file
    )
    {
        var fields = EventFields.CreateTable();
        var load = Policy.Load([.. asked, .. beside], fields);
        if (load is PolicyLoad.Rejected rejected)
            throw new IOException($"The rules do not load: {rejected.Diagnostics[0]}");
        var policy = ((PolicyLoad.Loaded)load).Policy;
        var texts = asked.ToHashSet();
        var rules = policy
            .Rules.Where(r => r.Pattern is Pattern.Single && texts.Contains(r.Text))
            .ToList();
        var counts = rules.ToDictionary(r => r.Name, _ => 0L);
        using var stream = File.OpenRead(file);
        var input = new FileInput(
            stream,
            new InputOrigin(Guid.Empty, Guid.Empty, "bench", file, "bench"),
            TimeProvider.System
        );
        var normaliser = new Normaliser(fields, policy.Sources);
        while (input.Read(BatchRecordsMax) is { Count: > 0 } raw)
            foreach (var reading in normaliser.Normalise(raw).OfType<Reading.Normalised>())
            foreach (var rule in rules)
                if (Takes(((Pattern.Single)rule.Pattern).Selector, reading.Event))
                    counts[rule.Name]++;
        return counts.Where(c => c.Value > 0).ToDictionary();
    }

    static bool Takes(EventSelector selector, NormalisedEvent read) =>
        (selector.Category is null || selector.Category == read.Category)
        && (selector.Type is null || selector.Type == read.Type)
        && selector.Conditions.All(condition => condition.Holds(read));
}
