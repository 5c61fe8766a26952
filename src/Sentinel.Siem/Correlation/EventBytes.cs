using System.Buffers.Binary;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// The few events of a key as bytes, one after another: their time, their place in the input, and the
/// values that aggregates ask of past events. What events of one input share is written once.
/// </summary>
/// <param name="kept">The slots whose values are kept.</param>
sealed class EventBytes(int slotsCount, int[] kept)
{
    const byte OwnPosition = 1;
    const byte OwnKeyTime = 2;
    const byte OwnWeight = 4;
    const byte IsLate = 8;
    const byte HasAsset = 16;

    // Flags, times, position, asset, and numbers at their longest.
    const int HeadBytesMax = 1 + 8 + 8 + Digest.BytesLength + 16 + 5 * 10;

    readonly List<EventSource> origins = [];
    readonly Dictionary<EventSource, int> placeOf = [];

    readonly record struct EventSource(
        string InputKey,
        RecordPositions? Positions,
        Guid OrganisationId,
        Guid SourceId,
        int Delivery
    );

    /// <summary>The events and one more. Hits of other rules are not for bytes.</summary>
    public byte[] Append(ReadOnlySpan<byte> events, HeldEvent held)
    {
        var values = ValuesOf(held);
        Span<byte> head = stackalloc byte[HeadBytesMax];
        var length = WriteHead(head, held, values.Length);
        var all = new byte[events.Length + length + values.Length];
        events.CopyTo(all);
        head[..length].CopyTo(all.AsSpan(events.Length));
        values.CopyTo(all.AsSpan(events.Length + length));
        return all;
    }

    /// <summary>Time and weight of the event that begins here, and where the next one does.</summary>
    public static (long Ticks, int Weight, int Next) Skim(ReadOnlySpan<byte> events, int at)
    {
        var flags = events[at];
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(events[(at + 1)..]);
        at += 1 + 8;
        for (var number = 0; number < 3; number++)
            ReadNumber(events, ref at);
        at += (flags & OwnPosition) != 0 ? Digest.BytesLength : 0;
        at += (flags & OwnKeyTime) != 0 ? 8 : 0;
        at += (flags & HasAsset) != 0 ? 16 : 0;
        var weight = (flags & OwnWeight) != 0 ? (int)ReadNumber(events, ref at) : 1;
        var values = (int)ReadNumber(events, ref at);
        return (ticks, weight, at + values);
    }

    public List<HeldEvent> Read(ReadOnlySpan<byte> events)
    {
        var all = new List<HeldEvent>();
        for (var at = 0; at < events.Length; )
            all.Add(Read(events, ref at));
        return all;
    }

    int WriteHead(Span<byte> head, HeldEvent held, int valuesLength)
    {
        var (order, origin) = (held.Order, held.Origin);
        var own = order.Positions is KnownPosition;
        var flags =
            (own ? OwnPosition : 0)
            | (origin.KeyTime != order.Time ? OwnKeyTime : 0)
            | (held.Weight != 1 ? OwnWeight : 0)
            | (held.Late ? IsLate : 0)
            | (held.AssetId is not null ? HasAsset : 0);
        head[0] = (byte)flags;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], order.Time.UtcTicks);
        var at = 1 + 8;
        WriteNumber(head, ref at, (ulong)PlaceOf(held, own));
        WriteNumber(head, ref at, Zigzag(order.Index));
        WriteNumber(head, ref at, Zigzag(held.Line - order.Index));
        if (own)
        {
            order.Position.Bytes.CopyTo(head[at..]);
            at += Digest.BytesLength;
        }
        if ((flags & OwnKeyTime) != 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head[at..], origin.KeyTime.UtcTicks);
            at += 8;
        }
        if (held.AssetId is { } asset)
        {
            asset.TryWriteBytes(head[at..]);
            at += 16;
        }
        if ((flags & OwnWeight) != 0)
            WriteNumber(head, ref at, (ulong)held.Weight);
        WriteNumber(head, ref at, (ulong)valuesLength);
        return at;
    }

    HeldEvent Read(ReadOnlySpan<byte> events, ref int at)
    {
        var flags = events[at];
        var time = TimeAt(events[(at + 1)..]);
        at += 1 + 8;
        var origin = origins[(int)ReadNumber(events, ref at)];
        var index = Unzigzag(ReadNumber(events, ref at));
        var line = Unzigzag(ReadNumber(events, ref at)) + index;
        var positions = origin.Positions;
        if ((flags & OwnPosition) != 0)
        {
            positions = new KnownPosition(Digest.From(events.Slice(at, Digest.BytesLength)));
            at += Digest.BytesLength;
        }
        var keyTime = time;
        if ((flags & OwnKeyTime) != 0)
        {
            keyTime = TimeAt(events[at..]);
            at += 8;
        }
        Guid? asset = null;
        if ((flags & HasAsset) != 0)
        {
            asset = new Guid(events.Slice(at, 16));
            at += 16;
        }
        var weight = (flags & OwnWeight) != 0 ? (int)ReadNumber(events, ref at) : 1;
        var values = (int)ReadNumber(events, ref at);
        at += values;
        return new HeldEvent(
            new EventOrder(time, origin.InputKey, index, positions!),
            new HeldOrigin(origin.OrganisationId, origin.SourceId, origin.Delivery, keyTime),
            line,
            weight,
            asset,
            (flags & IsLate) != 0,
            ValuesOf(events.Slice(at - values, values))
        );
    }

    int PlaceOf(HeldEvent held, bool ownPosition)
    {
        var origin = new EventSource(
            held.Order.InputKey,
            ownPosition ? null : held.Order.Positions,
            held.Origin.OrganisationId,
            held.Origin.SourceId,
            held.Origin.Delivery
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

    byte[] ValuesOf(HeldEvent held)
    {
        if (kept.Length == 0)
            return [];
        var state = new StateWriter();
        foreach (var slot in kept)
            state.WriteValue(held[slot]);
        return state.ToArray();
    }

    object?[] ValuesOf(ReadOnlySpan<byte> bytes)
    {
        var values = new object?[slotsCount];
        if (kept.Length == 0)
            return values;
        var state = new StateReader(bytes.ToArray());
        foreach (var slot in kept)
            values[slot] = state.ReadValue();
        return values;
    }

    static DateTimeOffset TimeAt(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(bytes), TimeSpan.Zero);

    static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    static void WriteNumber(Span<byte> bytes, ref int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
    }

    static ulong ReadNumber(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
