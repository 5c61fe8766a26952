namespace Sentinel.Siem.Correlation;

/// <summary>What one rule remembers of one event: who it is, and the values that the rule will ask for.</summary>
sealed class HeldEvent(
    EventOrder order,
    Guid sourceId,
    Guid eventId,
    Guid rawEventId,
    DateTimeOffset keyTime,
    long line,
    int weight,
    Guid? assetId,
    bool late,
    object?[] values
)
{
    public EventOrder Order => order;
    public DateTimeOffset Time => order.Time;
    public Guid SourceId => sourceId;
    public Guid EventId => eventId;

    /// <summary><c>message repeated N times</c> weighs N.</summary>
    public int Weight => weight;
    public Guid? AssetId => assetId;

    /// <summary>It came behind the watermark: the final fold never sees it.</summary>
    public bool Late => late;

    public object? this[int slot] => values[slot];

    public HitEvent ToHitEvent() =>
        new(eventId, rawEventId, keyTime, order.Time, order.InputKey, line);

    public void Save(StateWriter state)
    {
        state.Write(order.Time);
        state.Write(order.InputKey);
        state.Write(order.Index);
        state.Write(order.Position);
        state.Write(sourceId);
        state.Write(eventId);
        state.Write(rawEventId);
        state.Write(keyTime);
        state.Write(line);
        state.Write(weight);
        state.Write(assetId ?? Guid.Empty);
        state.Write(late);
        foreach (var value in values)
            state.WriteValue(value);
    }

    public static HeldEvent Restore(StateReader state, int slotsCount)
    {
        var order = new EventOrder(
            state.ReadTime(),
            state.ReadText(),
            state.ReadLong(),
            state.ReadDigest()
        );
        var (sourceId, eventId, rawEventId) = (state.ReadId(), state.ReadId(), state.ReadId());
        var keyTime = state.ReadTime();
        var line = state.ReadLong();
        var weight = state.ReadInt();
        var assetId = state.ReadId();
        var late = state.ReadBool();
        var values = new object?[slotsCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = state.ReadValue();
        return new HeldEvent(
            order,
            sourceId,
            eventId,
            rawEventId,
            keyTime,
            line,
            weight,
            assetId == Guid.Empty ? null : assetId,
            late,
            values
        );
    }
}
