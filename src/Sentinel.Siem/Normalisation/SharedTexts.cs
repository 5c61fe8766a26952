namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Gives one string for equal short texts, since hosts, users and programs repeat on every line. A small
/// table that forgets: a miss costs an allocation and nothing else.
/// </summary>
static class SharedTexts
{
    const int SlotsCount = 4096;
    const int CharsMax = 32;
    const int SmallIntegersMax = 1024;

    [ThreadStatic]
    static string?[]? slots;

    static readonly object[] SmallIntegers =
    [
        .. Enumerable.Range(0, SmallIntegersMax).Select(i => (object)(long)i),
    ];

    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > CharsMax)
            return text.ToString();
        slots ??= new string?[SlotsCount];
        ref var slot = ref slots[(uint)string.GetHashCode(text) % SlotsCount];
        if (slot is null || !text.SequenceEqual(slot))
            slot = text.ToString();
        return slot;
    }

    public static object Boxed(long integer) =>
        integer is >= 0 and < SmallIntegersMax ? SmallIntegers[integer] : integer;
}
