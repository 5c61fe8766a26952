using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>Notices sources that sent nothing for as long as their text allows; once for each silence.</summary>
sealed class SilenceWatch(Guid organisationId)
{
    readonly SortedDictionary<string, Heard> sources = new(StringComparer.Ordinal);

    public void Hear(EnrichedEvent enriched)
    {
        var source = enriched.Event.Source;
        if (source.SilentAfter is not { } silentAfter)
            return;
        var time = enriched.Event.EventTime;
        var live = enriched.Event.Raw.Live;
        if (!sources.TryGetValue(source.Name, out var heard) || time > heard.Latest)
            sources[source.Name] = new Heard(time, silentAfter, live, false);
    }

    /// <param name="until">The watermark, which counts for every source.</param>
    /// <param name="now">The clock, which counts for live ones alone.</param>
    public void Notice(DateTimeOffset? until, DateTimeOffset? now, List<CorrelationHit> hits)
    {
        List<string>? silent = null;
        foreach (var (name, heard) in sources)
        {
            var end = heard.Latest + heard.SilentAfter;
            if (!heard.Said && (until >= end || (heard.Live && now >= end)))
                (silent ??= []).Add(name);
        }
        foreach (var name in silent ?? [])
        {
            var heard = sources[name];
            sources[name] = heard with { Said = true };
            hits.Add(
                OperationalRules.Silent(organisationId, name, heard.SilentAfter, heard.Latest)
            );
        }
    }

    public void Save(StateWriter state)
    {
        state.Write(sources.Count);
        foreach (var (name, heard) in sources)
        {
            state.Write(name);
            state.Write(heard.Latest);
            state.Write(heard.SilentAfter.Ticks);
            state.Write(heard.Live);
            state.Write(heard.Said);
        }
    }

    public void Restore(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
            sources[state.ReadText()] = new Heard(
                state.ReadTime(),
                TimeSpan.FromTicks(state.ReadLong()),
                state.ReadBool(),
                state.ReadBool()
            );
    }

    readonly record struct Heard(DateTimeOffset Latest, TimeSpan SilentAfter, bool Live, bool Said);
}
