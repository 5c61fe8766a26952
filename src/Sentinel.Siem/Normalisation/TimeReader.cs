using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>A source's times, as its text says that they are written.</summary>
sealed class TimeReader(TimestampRule? rule)
{
    // How many tokens a time at the start of a line may have: Sun Dec 04 04:47:44 2005 +0100.
    const int TokensMax = 6;

    /// <summary>The source's own zone, where its text gives one.</summary>
    public TimeZoneInfo? Zone { get; } =
        rule?.Offset is { } offset
            ? TimeZoneInfo.CreateCustomTimeZone($"{offset}", offset, null, null)
            : null;

    /// <summary>Completes what a time leaves out; set for each record.</summary>
    public TimeContext Context
    {
        get;
        set => field = Zone is null ? value : value with { Zone = Zone };
    }

    /// <summary>A time, or null; without a rule, any of the usual complete forms.</summary>
    public DateTimeOffset? Read(ReadOnlySpan<byte> text)
    {
        text = Utf8Text.Trim(text);
        if (rule is null)
            return Timestamps.ReadCommon(text);
        foreach (var format in rule.Formats)
            if (Read(text, format) is { } time)
                return time;
        return null;
    }

    /// <summary>From a member: text in any of the formats, or a number in the epoch ones.</summary>
    public DateTimeOffset? ReadMember(RecordMembers record, int slot) =>
        record.TryGetUtf8(slot, out var text) ? Read(text)
        : record[slot] is { } list ? Read(Encoding.UTF8.GetBytes(FieldValue.ToText(list)))
        : null;

    /// <summary>A time at the start of a line, perhaps in brackets; the length covers it all.</summary>
    public DateTimeOffset? ReadPrefix(ReadOnlySpan<byte> line, out int length)
    {
        length = 0;
        var open = line.Length > 0 && (char)line[0] is '[' or '<' or '(' ? 1 : 0;
        var rest = line[open..];
        if (open == 1)
        {
            var close = rest.IndexOfAny("]>)"u8);
            if (close < 0)
                return null;
            length = close + 2;
            return Read(rest[..close]);
        }
        var end = 0;
        (DateTimeOffset? Time, int Length) longest = (null, 0);
        for (var token = 0; token < TokensMax && end < rest.Length; token++)
        {
            var next = rest[(end + 1)..].IndexOfAny(" \t|"u8);
            end = next < 0 ? rest.Length : end + 1 + next;
            if (Read(rest[..end].TrimEnd(":,;"u8)) is { } time)
                longest = (time, end);
        }
        length = longest.Length;
        return longest.Time;
    }

    DateTimeOffset? Read(ReadOnlySpan<byte> text, string format) =>
        format switch
        {
            "iso8601" => Timestamps.ReadIso(text, Context),
            "epoch" => Timestamps.ReadEpoch(text, milliseconds: false),
            "epoch_millis" => Timestamps.ReadEpoch(text, milliseconds: true),
            _ => Timestamps.ReadExact(text, format, Context),
        };
}
