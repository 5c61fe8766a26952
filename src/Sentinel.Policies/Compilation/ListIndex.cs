using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>A list made ready to ask; an entry's last day is compared with the event's time.</summary>
sealed class ListIndex
{
    readonly AddressRanges ranges;
    readonly Dictionary<string, DateTimeOffset> words = new(StringComparer.OrdinalIgnoreCase);
    readonly bool ofNumbers;

    public ListIndex(ListDeclaration list)
    {
        ranges = new AddressRanges(
            list.Type == ListType.Cidr
                ? list.Entries.Select(e => (AddressRange.Parse(e.Value)!.Value, Expiry(e)))
                : []
        );
        if (list.Type == ListType.Cidr)
            return;
        ofNumbers = list.Type == ListType.Number;
        foreach (var entry in list.Entries)
            if (
                Key(entry.Value) is { } key
                && (!words.TryGetValue(key, out var known) || known < Expiry(entry))
            )
                words[key] = Expiry(entry);
    }

    /// <param name="at">Null where no time is known: then only entries that never expire count.</param>
    public bool Contains(object? value, DateTimeOffset? at)
    {
        var time = at ?? DateTimeOffset.MaxValue.AddTicks(-1);
        return value switch
        {
            null => false,
            IReadOnlyList<string> many => many.Any(one => Contains(one, at)),
            _ => Key(value) is { } text && words.TryGetValue(text, out var expiry) && time < expiry
                || ValueText.Address(value) is { } address && ranges.Contain(address, time),
        };
    }

    /// <summary>4.50 and 4.5 are one number.</summary>
    string? Key(object value) =>
        ofNumbers ? ValueText.Of(ValueText.Number(value)) : ValueText.Of(value);

    // 'until 2027-01-31' holds through that day, in UTC.
    static DateTimeOffset Expiry(ListEntry entry) =>
        entry.Until is { } until && until < DateOnly.MaxValue
            ? new DateTimeOffset(until.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero)
            : DateTimeOffset.MaxValue;
}
