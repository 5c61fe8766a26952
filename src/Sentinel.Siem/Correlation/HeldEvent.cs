using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>What an event's ids derive from, beside its position.</summary>
readonly record struct HeldOrigin(
    Guid OrganisationId,
    Guid SourceId,
    int Delivery,
    DateTimeOffset KeyTime
);

/// <summary>What one rule remembers of one event: who it is, and the values that the rule will ask for.</summary>
sealed class HeldEvent(
    EventOrder order,
    HeldOrigin origin,
    long line,
    int weight,
    Guid? assetId,
    bool late,
    object?[] values,
    HeldHit? hit = null
)
{
    HitEvent[]? own;

    public EventOrder Order => order;
    public DateTimeOffset Time => order.Time;
    public Guid SourceId => origin.SourceId;
    public HeldOrigin Origin => origin;
    public long Line => line;
    public Guid? AssetId => assetId;

    // Derived where asked for: most held events never take part in a match.
    public Guid RawEventId =>
        DerivedId.OfRawEvent(
            origin.KeyTime,
            origin.OrganisationId,
            origin.SourceId,
            order.Position,
            origin.Delivery
        );

    /// <summary><c>message repeated N times</c> weighs N.</summary>
    public int Weight => weight;
    public IReadOnlyList<Guid> AssetIds => hit?.AssetIds ?? (assetId is { } known ? [known] : []);

    /// <summary>Where it is a hit of another rule.</summary>
    public HitCause? Cause => hit?.Cause;

    /// <summary>It came behind the watermark: the final fold never sees it.</summary>
    public bool Late => late;

    public object? this[int slot] => values[slot];

    public int SlotsCount => values.Length;

    /// <summary>The same with no other values than these.</summary>
    public HeldEvent Keeping(int[] slots)
    {
        var some = new object?[values.Length];
        foreach (var slot in slots)
            some[slot] = values[slot];
        return new HeldEvent(order, origin, line, weight, assetId, late, some, hit);
    }

    /// <summary>Itself, or for a hit of another rule its events.</summary>
    public IReadOnlyList<HitEvent> HitEvents =>
        hit?.Events ?? (own ??= [new(this, origin.KeyTime, line)]);

    public void Save(StateWriter state)
    {
        order.Save(state);
        state.Write(origin.OrganisationId);
        state.Write(origin.SourceId);
        state.Write(origin.Delivery);
        state.Write(origin.KeyTime);
        state.Write(line);
        state.Write(weight);
        state.Write(assetId ?? Guid.Empty);
        state.Write(late);
        foreach (var value in values)
            state.WriteValue(value);
        state.Write(hit is not null);
        hit?.Save(state);
    }

    public static HeldEvent Restore(StateReader state, int slotsCount)
    {
        var order = EventOrder.Restore(state);
        var origin = new HeldOrigin(
            state.ReadId(),
            state.ReadId(),
            state.ReadInt(),
            state.ReadTime()
        );
        var line = state.ReadLong();
        var weight = state.ReadInt();
        var assetId = state.ReadId();
        var late = state.ReadBool();
        var values = new object?[slotsCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = state.ReadValue();
        return new HeldEvent(
            order,
            origin,
            line,
            weight,
            assetId == Guid.Empty ? null : assetId,
            late,
            values,
            state.ReadBool() ? HeldHit.Restore(state) : null
        );
    }
}

/// <summary>What a hit brings into the match of another rule: its events stand for it.</summary>
sealed record HeldHit(HitCause Cause, IReadOnlyList<HitEvent> Events, IReadOnlyList<Guid> AssetIds)
{
    public void Save(StateWriter state)
    {
        state.Write(Cause.HitId);
        state.Write(Cause.Rule);
        state.Write(Cause.Risk ?? 0);
        state.Write(Events.Count);
        foreach (var found in Events)
        {
            state.Write(found.EventId);
            state.Write(found.RawEventId);
            state.Write(found.KeyTime);
            state.Write(found.EventTime);
            state.Write(found.InputKey);
            state.Write(found.Line);
        }
        state.Write(AssetIds.Count);
        foreach (var id in AssetIds)
            state.Write(id);
    }

    public static HeldHit Restore(StateReader state)
    {
        var (id, rule, risk) = (state.ReadId(), state.ReadText(), state.ReadInt());
        var events = new HitEvent[state.ReadInt()];
        for (var i = 0; i < events.Length; i++)
            events[i] = new HitEvent(
                state.ReadId(),
                state.ReadId(),
                state.ReadTime(),
                state.ReadTime(),
                state.ReadText(),
                state.ReadLong()
            );
        var assets = new Guid[state.ReadInt()];
        for (var i = 0; i < assets.Length; i++)
            assets[i] = state.ReadId();
        return new HeldHit(new HitCause(id, rule, risk == 0 ? null : risk), events, assets);
    }
}
