namespace Sentinel.Siem.Normalisation;

/// <summary>What a syslog daemon makes of equal lines: <c>message repeated 5 times: [ … ]</c>.</summary>
static class RepeatedMessage
{
    const string Prefix = "message repeated ";
    const string Middle = " times: [";
    const int TimesMax = 1_000_000;

    /// <summary>The message itself, and how often it was said: once where it is no repetition.</summary>
    public static ReadOnlySpan<char> Read(ReadOnlySpan<char> message, out int times)
    {
        times = 1;
        if (!message.StartsWith(Prefix) || !message.EndsWith("]"))
            return message;
        var rest = message[Prefix.Length..];
        var middle = rest.IndexOf(Middle);
        if (
            middle is < 1 or > 7
            || !Timestamps.Digits(rest[..middle], out var said)
            || said is < 1 or > TimesMax
        )
            return message;
        times = said;
        return rest[(middle + Middle.Length)..^1].Trim();
    }
}
