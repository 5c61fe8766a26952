namespace Sentinel.Siem.Ingestion;

/// <summary>
/// Follows braces, brackets and strings far enough to find where an object ends, and to notice early that
/// it is not one, so that a cut line does not swallow the lines after it.
/// </summary>
struct JsonNesting
{
    const int LevelsMax = 64;

    // A bit for each open level: 1 for an object.
    ulong objects;
    int levels;

    public bool InString { get; private set; }

    public bool Closed { get; private set; }

    /// <summary>False where the symbol cannot stand after what came before.</summary>
    public bool Accept(byte symbol, ReadOnlySpan<byte> before)
    {
        switch (symbol)
        {
            case (byte)'"':
                InString = !InString;
                return !InString || levels > 0;
            case (byte)'{':
            case (byte)'[':
                return Open(symbol == '{', before);
            case (byte)'}':
            case (byte)']':
                return Close(symbol == '}');
            default:
                return false;
        }
    }

    bool Open(bool isObject, ReadOnlySpan<byte> before)
    {
        if (levels == LevelsMax || (levels > 0 && !MayOpenAfter(before)))
            return false;
        objects = (objects << 1) | (isObject ? 1UL : 0UL);
        levels++;
        return true;
    }

    readonly bool MayOpenAfter(ReadOnlySpan<byte> before)
    {
        var last = before.LastIndexOfAnyExcept(" \t\r\n"u8);
        var inObject = (objects & 1) == 1;
        return last >= 0
            && before[last] is var symbol
            && (inObject ? symbol == ':' : symbol is (byte)'[' or (byte)',');
    }

    bool Close(bool isObject)
    {
        if (levels == 0 || ((objects & 1) == 1) != isObject)
            return false;
        objects >>= 1;
        levels--;
        Closed = levels == 0;
        return true;
    }
}
