using System.Buffers;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Events as bytes, one after another: their time, their place in the input, and some of their values.
/// What events of one input share is written once.
/// </summary>
/// <param name="kept">The slots whose values are kept.</param>
sealed class EventBytes(int slotsCount, int[] kept)
{
    const byte OwnPosition = 1;
    const byte OwnKeyTime = 2;
    const byte OwnWeight = 4;
    const byte IsLate = 8;
    const byte HasAsset = 16;

    readonly List<EventSource> origins = [];
    readonly Dictionary<EventSource, int> placeOf = [];
    readonly ArrayBufferWriter<byte> values = new();
    long? start;

    readonly record struct EventSource(
        string InputKey,
        RecordPositions? Positions,
        HeldOrigin Origin
    );

    /// <summary>Hits of other rules are not for bytes.</summary>
    public void Write(HeldEvent held, ArrayBufferWriter<byte> to)
    {
        values.ResetWrittenCount();
        foreach (var slot in kept)
            values.WriteValue(held[slot]);
        Write(held.Head, values.WrittenSpan, to);
    }

    /// <param name="packed">The values of the slots that are kept, one after another.</param>
    public void Write(in HeldHead head, ReadOnlySpan<byte> packed, ArrayBufferWriter<byte> to)
    {
        var order = head.Order;
        var own = order.Positions is KnownPosition;
        var flags =
            (own ? OwnPosition : 0)
            | (head.KeyTime != order.Time ? OwnKeyTime : 0)
            | (head.Weight != 1 ? OwnWeight : 0)
            | (head.Late ? IsLate : 0)
            | (head.AssetId is not null ? HasAsset : 0);
        to.WriteByte((byte)flags);
        // Since the first event that came: shorter than since the beginning of time.
        start ??= order.Time.UtcTicks;
        to.WriteSigned(order.Time.UtcTicks - start.Value);
        to.WriteNumber((ulong)PlaceOf(head, own));
        to.WriteSigned(order.Index);
        to.WriteSigned(head.Line - order.Index);
        if (own)
            to.Write(order.Position.Bytes);
        if ((flags & OwnKeyTime) != 0)
            to.WriteLong(head.KeyTime.UtcTicks);
        if (head.AssetId is { } asset)
            to.WriteId(asset);
        if ((flags & OwnWeight) != 0)
            to.WriteNumber((ulong)head.Weight);
        if (kept.Length == 0)
            return;
        // With their length before them, so that they can be skipped.
        to.WriteNumber((ulong)packed.Length);
        to.Write(packed);
    }

    /// <summary>Time and weight of the event that begins here, and where the next one does.</summary>
    public (long Ticks, int Weight, int Next) Skim(ReadOnlySpan<byte> events, int at)
    {
        var reader = new PackedReader(events[at..]);
        var flags = reader.ReadByte();
        var ticks = start!.Value + reader.ReadSigned();
        for (var number = 0; number < 3; number++)
            reader.ReadNumber();
        reader.Skip((flags & OwnPosition) != 0 ? Digest.BytesLength : 0);
        reader.Skip((flags & OwnKeyTime) != 0 ? 8 : 0);
        reader.Skip((flags & HasAsset) != 0 ? 16 : 0);
        var weight = (flags & OwnWeight) != 0 ? (int)reader.ReadNumber() : 1;
        if (kept.Length > 0)
            reader.Skip((int)reader.ReadNumber());
        return (ticks, weight, at + reader.At);
    }

    public List<HeldEvent> Read(ReadOnlySpan<byte> events)
    {
        var all = new List<HeldEvent>();
        var reader = new PackedReader(events);
        while (!reader.AtEnd)
            all.Add(Read(ref reader));
        return all;
    }

    public HeldEvent Read(ref PackedReader reader)
    {
        var flags = reader.ReadByte();
        var time = new DateTimeOffset(start!.Value + reader.ReadSigned(), TimeSpan.Zero);
        var origin = origins[(int)reader.ReadNumber()];
        var index = reader.ReadSigned();
        var line = reader.ReadSigned() + index;
        var positions =
            (flags & OwnPosition) != 0 ? new KnownPosition(reader.ReadDigest()) : origin.Positions!;
        var keyTime =
            (flags & OwnKeyTime) != 0 ? new DateTimeOffset(reader.ReadLong(), TimeSpan.Zero) : time;
        Guid? asset = (flags & HasAsset) != 0 ? reader.ReadId() : null;
        var weight = (flags & OwnWeight) != 0 ? (int)reader.ReadNumber() : 1;
        return new HeldEvent(
            new HeldHead(
                new EventOrder(time, origin.InputKey, index, positions),
                origin.Origin,
                keyTime,
                line,
                weight,
                asset,
                (flags & IsLate) != 0
            ),
            ReadValues(ref reader)
        );
    }

    int PlaceOf(in HeldHead head, bool ownPosition)
    {
        var origin = new EventSource(
            head.Order.InputKey,
            ownPosition ? null : head.Order.Positions,
            head.Origin
        );
        // Mostly the input that came before goes on.
        if (origins.Count > 0 && origins[^1] == origin)
            return origins.Count - 1;
        if (placeOf.TryGetValue(origin, out var place))
            return place;
        placeOf.Add(origin, origins.Count);
        origins.Add(origin);
        return origins.Count - 1;
    }

    HeldValues ReadValues(ref PackedReader reader)
    {
        if (kept.Length == 0)
            return new(new object?[slotsCount]);
        return new(this, reader.ReadBytes((int)reader.ReadNumber()), slotsCount);
    }

    /// <summary>All slots of an event whose values came as these bytes.</summary>
    public object?[] Unpack(byte[] packed)
    {
        var reader = new PackedReader(packed);
        var read = new object?[slotsCount];
        foreach (var slot in kept)
            read[slot] = reader.ReadValue();
        return read;
    }
}
