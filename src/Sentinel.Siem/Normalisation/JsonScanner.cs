using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// One JSON value (RFC 8259), token by token, over UTF-8 that is known to be valid. It takes what
/// <see cref="Utf8JsonReader"/> takes, and says no without an exception; texts with many escapes, as the
/// messages of Windows are, cost it little more than others.
/// </summary>
ref struct JsonScanner(ReadOnlySpan<byte> json)
{
    public const int NestingLevelsMax = 64;

    readonly ReadOnlySpan<byte> json = json;
    int at;
    int depth;

    // A bit for each level: 1 where it is an object.
    ulong objects;
    bool expectsName;
    bool expectsMore;
    bool isOver;
    int start;
    int length;

    public JsonTokenType TokenType { get; private set; }

    /// <summary>The bytes are no JSON value: there are no more tokens.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Where the token begins, of a text its quotation mark.</summary>
    public int TokenStartIndex { get; private set; }

    /// <summary>Of a name or text what stands between its quotation marks.</summary>
    public readonly ReadOnlySpan<byte> ValueSpan => json.Slice(start, length);

    public bool ValueIsEscaped { get; private set; }

    /// <summary>It names characters by their numbers, and so may be no text.</summary>
    public bool ValueHasNumbers { get; private set; }

    readonly bool InObject => depth > 0 && (objects >> (depth - 1) & 1) != 0;

    /// <summary>Goes to the next token; false at the end, or where it <see cref="IsBroken"/>.</summary>
    public bool Read()
    {
        if (IsBroken)
            return false;
        var next = SkipSpace();
        if (isOver)
            return next >= 0 && Fail();
        if (next < 0)
            return Fail();
        if (expectsMore)
            return ReadBehindValue(next);
        return expectsName ? ReadName(next, mayClose: true) : ReadValue(next, mayClose: true);
    }

    /// <summary>Passes the object or array that begins here; any other token stays.</summary>
    public void Skip()
    {
        if (TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var around = depth - 1;
        while (depth > around && Read()) { }
    }

    bool ReadBehindValue(int next)
    {
        if (next == ',')
        {
            at++;
            next = SkipSpace();
            if (next < 0)
                return Fail();
            return InObject ? ReadName(next, false) : ReadValue(next, false);
        }
        return next == (InObject ? '}' : ']') ? Close() : Fail();
    }

    bool ReadName(int next, bool mayClose)
    {
        if (next == '}' && mayClose)
            return Close();
        if (next != '"' || !ReadText())
            return Fail();
        if (SkipSpace() != ':')
            return Fail();
        at++;
        TokenType = JsonTokenType.PropertyName;
        (expectsName, expectsMore) = (false, false);
        return true;
    }

    bool ReadValue(int next, bool mayClose)
    {
        TokenStartIndex = at;
        switch (next)
        {
            case '"':
                TokenType = JsonTokenType.String;
                return (ReadText() || Fail()) && Behind();
            case '{':
                return Open(JsonTokenType.StartObject);
            case '[':
                return Open(JsonTokenType.StartArray);
            case ']'
                when mayClose && depth > 0 && !InObject && TokenType == JsonTokenType.StartArray:
                return Close();
            case 't':
                return ReadWord("true"u8, JsonTokenType.True);
            case 'f':
                return ReadWord("false"u8, JsonTokenType.False);
            case 'n':
                return ReadWord("null"u8, JsonTokenType.Null);
            default:
                return ReadNumber();
        }
    }

    bool Open(JsonTokenType type)
    {
        if (depth == NestingLevelsMax)
            return Fail();
        (start, length) = (at, 1);
        at++;
        var isObject = type == JsonTokenType.StartObject;
        objects = objects & ~(1UL << depth) | (isObject ? 1UL << depth : 0);
        depth++;
        TokenType = type;
        (expectsName, expectsMore) = (isObject, false);
        return true;
    }

    bool Close()
    {
        TokenStartIndex = at;
        TokenType = InObject ? JsonTokenType.EndObject : JsonTokenType.EndArray;
        (start, length) = (at, 1);
        at++;
        depth--;
        return Behind();
    }

    /// <summary>A value is over.</summary>
    bool Behind()
    {
        (expectsName, expectsMore) = (false, depth > 0);
        isOver = depth == 0;
        return true;
    }

    bool ReadWord(ReadOnlySpan<byte> word, JsonTokenType type)
    {
        if (!json[at..].StartsWith(word))
            return Fail();
        (start, length) = (at, word.Length);
        at += word.Length;
        TokenType = type;
        return EndsHere() ? Behind() : Fail();
    }

    bool ReadNumber()
    {
        start = at;
        if (Peek() == '-')
            at++;
        if (Peek() == '0')
            at++;
        else if (!PassDigits())
            return Fail();
        if (Peek() == '.')
        {
            at++;
            if (!PassDigits())
                return Fail();
        }
        if (Peek() is 'e' or 'E')
        {
            at++;
            if (Peek() is '+' or '-')
                at++;
            if (!PassDigits())
                return Fail();
        }
        length = at - start;
        ValueIsEscaped = false;
        TokenType = JsonTokenType.Number;
        return EndsHere() ? Behind() : Fail();
    }

    bool PassDigits()
    {
        var from = at;
        while (at < json.Length && (uint)(json[at] - '0') <= 9)
            at++;
        return at > from;
    }

    readonly bool EndsHere() => Peek() is -1 or ',' or '}' or ']' or ' ' or '\n' or '\r' or '\t';

    readonly int Peek() => at < json.Length ? json[at] : -1;

    /// <summary>The next byte that is no white space, or -1.</summary>
    int SkipSpace()
    {
        while (at < json.Length)
        {
            var next = json[at];
            if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return next;
            at++;
        }
        return -1;
    }

    /// <summary>The text whose quotation mark stands here; false where it does not end or is none.</summary>
    bool ReadText()
    {
        TokenStartIndex = at;
        (ValueIsEscaped, ValueHasNumbers) = (false, false);
        start = ++at;
        while (FindSpecial() is >= 0 and var special)
        {
            if (special == '"')
            {
                length = at - start;
                at++;
                return true;
            }
            // A control character has to be escaped.
            if (special != '\\' || !PassEscape())
                return false;
            ValueIsEscaped = true;
        }
        return false;
    }

    bool PassEscape()
    {
        at++;
        switch (Peek())
        {
            case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                at++;
                return true;
            case 'u'
                when at + 4 < json.Length && json.Slice(at + 1, 4).IndexOfAnyExcept(HexDigits) < 0:
                at += 5;
                ValueHasNumbers = true;
                return true;
            default:
                return false;
        }
    }

    static ReadOnlySpan<byte> HexDigits => "0123456789abcdefABCDEF"u8;

    /// <summary>Goes to the next quotation mark, backslash or control character; -1 where none comes.</summary>
    int FindSpecial()
    {
        ref var bytes = ref MemoryMarshal.GetReference(json);
        for (; at + Vector128<byte>.Count <= json.Length; at += Vector128<byte>.Count)
        {
            var block = Vector128.LoadUnsafe(ref bytes, (nuint)at);
            var special =
                Vector128.Equals(block, Vector128.Create((byte)'"'))
                | Vector128.Equals(block, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(block, Vector128.Create((byte)' '));
            var bits = special.ExtractMostSignificantBits();
            if (bits == 0)
                continue;
            at += BitOperations.TrailingZeroCount(bits);
            return Unsafe.Add(ref bytes, at);
        }
        for (; at < json.Length; at++)
            if (json[at] is (byte)'"' or (byte)'\\' or < (byte)' ')
                return json[at];
        return -1;
    }

    bool Fail()
    {
        (IsBroken, TokenType) = (true, JsonTokenType.None);
        return false;
    }

    /// <summary>
    /// Copies the name or text with its escapes undone, which makes it no longer; its length. Half of a
    /// surrogate pair is JSON and no text: then it <see cref="IsBroken"/>.
    /// </summary>
    public int CopyString(Span<byte> to)
    {
        var copied = Unescape(ValueSpan, to);
        if (copied < 0)
            Fail();
        return Math.Max(copied, 0);
    }

    /// <summary>The same of a text between quotation marks; -1 where it is none.</summary>
    public static int Unescape(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var copied = 0;
        while (from.IndexOf((byte)'\\') is >= 0 and var escape)
        {
            from[..escape].CopyTo(to[copied..]);
            copied += escape;
            from = from[(escape + 1)..];
            if (from[0] != 'u')
            {
                to[copied++] = Unescaped(from[0]);
                from = from[1..];
                continue;
            }
            if (!TryTakeRune(ref from, out var rune))
                return -1;
            copied += rune.EncodeToUtf8(to[copied..]);
        }
        from.CopyTo(to[copied..]);
        return copied + from.Length;
    }

    public string GetString()
    {
        var text = new byte[length];
        return Encoding.UTF8.GetString(text, 0, CopyString(text));
    }

    static byte Unescaped(byte escape) =>
        escape switch
        {
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => escape,
        };

    /// <param name="from">Behind the backslash; then behind the escape, or both of a pair.</param>
    static bool TryTakeRune(ref ReadOnlySpan<byte> from, out Rune rune)
    {
        var first = TakeUnit(ref from);
        if (!char.IsSurrogate(first))
            return Rune.TryCreate(first, out rune);
        rune = default;
        if (!from.StartsWith("\\u"u8))
            return false;
        from = from[1..];
        return Rune.TryCreate(first, TakeUnit(ref from), out rune);
    }

    static char TakeUnit(ref ReadOnlySpan<byte> from)
    {
        Utf8Parser.TryParse(from.Slice(1, 4), out ushort unit, out _, 'x');
        from = from[5..];
        return (char)unit;
    }
}
