using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>What the ids of all events of one input derive from; one object for many of them.</summary>
sealed record HeldOrigin(Guid OrganisationId, Guid SourceId, int Delivery);

/// <summary>Which event it is that a rule remembers.</summary>
/// <param name="Weight"><c>message repeated N times</c> weighs N.</param>
/// <param name="Late">It came behind the watermark: the final fold never sees it.</param>
readonly record struct HeldHead(
    EventOrder Order,
    HeldOrigin Origin,
    DateTimeOffset KeyTime,
    long Line,
    int Weight,
    Guid? AssetId,
    bool Late
)
{
    // Derived where asked for: most held events never take part in a match.
    public Guid RawEventId =>
        DerivedId.OfRawEvent(
            KeyTime,
            Origin.OrganisationId,
            Origin.SourceId,
            Order.Position,
            Origin.Delivery
        );
}

/// <summary>What one rule remembers of one event: who it is, and the values that the rule will ask for.</summary>
sealed class HeldEvent(in HeldHead head, HeldValues values, HeldHit? hit = null) : HitEvent(head)
{
    public DateTimeOffset Time => Head.Order.Time;

    public int Weight => Head.Weight;

    public IReadOnlyList<Guid> AssetIds =>
        hit?.AssetIds ?? (Head.AssetId is { } known ? [known] : []);

    /// <summary>Where it is a hit of another rule.</summary>
    public HitCause? Cause => hit?.Cause;

    public bool Late => Head.Late;

    public object? this[int slot] => values[slot];

    public int SlotsCount => values.Count;

    /// <summary>The same with no other values than these.</summary>
    public HeldEvent Keeping(int[] slots)
    {
        var some = new object?[values.Count];
        foreach (var slot in slots)
            some[slot] = values[slot];
        return new HeldEvent(Head, new(some), hit);
    }

    /// <summary>Itself, or for a hit of another rule its events.</summary>
    public void AddHitEvents(List<HitEvent> to)
    {
        if (hit is null)
            to.Add(this);
        else
            to.AddRange(hit.Events);
    }

    public void Save(StateWriter state)
    {
        Order.Save(state);
        state.Write(Head.Origin.OrganisationId);
        state.Write(Head.Origin.SourceId);
        state.Write(Head.Origin.Delivery);
        state.Write(KeyTime);
        state.Write(Line);
        state.Write(Weight);
        state.Write(Head.AssetId ?? Guid.Empty);
        state.Write(Late);
        for (var slot = 0; slot < values.Count; slot++)
            state.WriteValue(values[slot]);
        state.Write(hit is not null);
        hit?.Save(state);
    }

    public static HeldEvent Restore(StateReader state, int slotsCount)
    {
        var order = EventOrder.Restore(state);
        var origin = new HeldOrigin(state.ReadId(), state.ReadId(), state.ReadInt());
        var keyTime = state.ReadTime();
        var line = state.ReadLong();
        var weight = state.ReadInt();
        var assetId = state.ReadId();
        var late = state.ReadBool();
        var values = new object?[slotsCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = state.ReadValue();
        return new HeldEvent(
            new(order, origin, keyTime, line, weight, assetId == Guid.Empty ? null : assetId, late),
            new(values),
            state.ReadBool() ? HeldHit.Restore(state) : null
        );
    }
}

/// <summary>
/// An event's values, one for each slot of its rule. Those that came as bytes stay bytes until somebody asks:
/// most events only count.
/// </summary>
struct HeldValues
{
    readonly EventBytes? by;
    byte[]? packed;
    object?[]? values;

    public HeldValues(object?[] values) => (this.values, Count) = (values, values.Length);

    public HeldValues(EventBytes by, byte[] packed, int count) =>
        (this.by, this.packed, Count) = (by, packed, count);

    public int Count { get; }

    public object? this[int slot]
    {
        get
        {
            if (packed is not null)
                (values, packed) = (by!.Unpack(packed), null);
            return values![slot];
        }
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
