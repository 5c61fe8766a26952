namespace Sentinel.Siem.Correlation;

/// <summary>
/// What was said of each hit behind the watermark, as far back as windows can be rebuilt: what a rebuilding
/// finds otherwise is a correction.
/// </summary>
sealed class FinalHits
{
    readonly Dictionary<Guid, SaidHit> byId = [];
    readonly HashSet<(DateTimeOffset Last, Guid Id)> excepted = [];

    /// <param name="Print">Empty where it was said not to be one.</param>
    readonly record struct SaidHit(DateTimeOffset Last, Guid Print);

    public void Add(CorrelationHit hit)
    {
        if (hit.Excepted is null)
            byId[hit.Id] = new SaidHit(hit.Last, ProvisionalHits.PrintOf(hit));
        else
            excepted.Add((hit.Last, hit.Id));
    }

    public bool Knows(Guid id) => byId.ContainsKey(id);

    public void Withdraw(Guid id, DateTimeOffset last) => byId[id] = new SaidHit(last, Guid.Empty);

    /// <summary>Says what is new in all the hits since; gives those that an exception means to be.</summary>
    public IReadOnlyList<CorrelationHit> Compare(
        IReadOnlyList<CorrelationHit> hits,
        List<HitChange> changes
    )
    {
        var left = byId.Where(one => one.Value.Print != Guid.Empty)
            .Select(one => one.Key)
            .ToHashSet();
        var meant = hits.Where(h => h.Excepted is not null && !excepted.Contains((h.Last, h.Id)));
        List<CorrelationHit> newlyMeant = [.. meant];
        foreach (var hit in hits.Where(hit => hit.Excepted is null))
        {
            left.Remove(hit.Id);
            if (!byId.TryGetValue(hit.Id, out var said))
                changes.Add(new HitChange.Final(hit));
            else if (said.Print != ProvisionalHits.PrintOf(hit))
                changes.Add(new HitChange.Corrected(hit));
        }
        foreach (var id in left.Order())
        {
            changes.Add(new HitChange.Retracted(id));
            Withdraw(id, byId[id].Last);
        }
        foreach (var hit in hits)
            Add(hit);
        return newlyMeant;
    }

    /// <summary>Of what is further back nothing more will be said.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        foreach (var (id, said) in byId)
            if (said.Last < time)
                byId.Remove(id);
        excepted.RemoveWhere(one => one.Last < time);
    }

    public void Save(StateWriter state)
    {
        state.Write(byId.Count);
        foreach (var (id, said) in byId.OrderBy(one => one.Key))
        {
            state.Write(id);
            state.Write(said.Last);
            state.Write(said.Print);
        }
        state.Write(excepted.Count);
        foreach (var (last, id) in excepted.Order())
        {
            state.Write(last);
            state.Write(id);
        }
    }

    public void Restore(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
            byId.Add(state.ReadId(), new SaidHit(state.ReadTime(), state.ReadId()));
        for (var count = state.ReadInt(); count > 0; count--)
            excepted.Add((state.ReadTime(), state.ReadId()));
    }
}
