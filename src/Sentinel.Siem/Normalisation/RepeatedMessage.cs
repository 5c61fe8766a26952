namespace Sentinel.Siem.Normalisation;

/// <summary>What a syslog daemon makes of equal lines: <c>message repeated 5 times: [ … ]</c>.</summary>
static class RepeatedMessage
{
    const int TimesMax = 1_000_000;

    static ReadOnlySpan<byte> Prefix => "message repeated "u8;

    static ReadOnlySpan<byte> Middle => " times: ["u8;

    /// <summary>Where the message itself stands, and how often it was said: once where it is no repetition.</summary>
    public static Range Read(ReadOnlySpan<byte> message, out int times)
    {
        times = 1;
        if (!message.StartsWith(Prefix) || !message.EndsWith("]"u8))
            return Range.All;
        var rest = message[Prefix.Length..];
        var middle = rest.IndexOf(Middle);
        if (
            middle is < 1 or > 7
            || !Utf8Text.Digits(rest[..middle], out var said)
            || said is < 1 or > TimesMax
        )
            return Range.All;
        times = said;
        var from = Prefix.Length + middle + Middle.Length;
        var inner = message[from..^1];
        var (offset, length) = Utf8Text.TrimRange(inner).GetOffsetAndLength(inner.Length);
        return (from + offset)..(from + offset + length);
    }
}
