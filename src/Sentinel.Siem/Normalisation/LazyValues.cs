using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>In what a value stands until somebody asks for it as an object.</summary>
enum ValueForm : byte
{
    Absent,
    Object,

    /// <summary>UTF-8 in the record.</summary>
    Text,

    /// <summary>UTF-8 beside the record, where its escapes are undone.</summary>
    Unescaped,

    /// <summary>UTF-8 in the record, with escapes of JSON that are undone when somebody asks.</summary>
    Escaped,

    /// <summary>A JSON number in the record.</summary>
    Number,

    /// <summary>Since year 1, in UTC.</summary>
    Ticks,
}

/// <summary>A value as a place in bytes, or already as an object.</summary>
readonly struct LazyValue
{
    LazyValue(ValueForm form, object? made, long bits) =>
        (Form, Made, this.bits) = (form, made, bits);

    readonly long bits;

    public ValueForm Form { get; }

    public object? Made { get; }

    public int Start => (int)(bits >> 32);

    public int Length => (int)bits;

    public long Ticks => bits;

    public bool IsText => Form is ValueForm.Text or ValueForm.Unescaped or ValueForm.Escaped;

    public static LazyValue Of(object? value) =>
        value is null ? default : new(ValueForm.Object, value, 0);

    public static LazyValue Of(ValueForm form, int start, int length) =>
        new(form, null, ((long)start << 32) | (uint)length);

    public static LazyValue Of(DateTimeOffset time) => new(ValueForm.Ticks, null, time.UtcTicks);

    public LazyValue With(object? made) => new(Form, made, bits);
}

/// <summary>
/// The values of one record or event by their places, used again for the next: what nobody asks for costs
/// no object.
/// </summary>
sealed class LazyValues
{
    const int ExactDigitsMax = 18;

    readonly RecordBytes bytes;
    readonly Field[]? fields;
    readonly LazyValue[] values;
    readonly bool[] isMarked;
    readonly int[] marked;
    byte[] spelled = new byte[64];
    int markedCount;

    /// <param name="fields">The types to convert to, by ordinal; null leaves values as they stand.</param>
    public LazyValues(RecordBytes bytes, int count, IReadOnlyList<Field>? fields)
    {
        this.bytes = bytes;
        this.fields = fields is null ? null : [.. fields];
        values = new LazyValue[count];
        isMarked = new bool[count];
        marked = new int[count];
    }

    public int Count => values.Length;

    /// <summary>The places that were set, in the order in which they were, also to nothing.</summary>
    public ReadOnlySpan<int> Marked => marked.AsSpan(0, markedCount);

    public ref readonly LazyValue At(int place) => ref values[place];

    public void Clear()
    {
        foreach (var place in Marked)
        {
            values[place] = default;
            isMarked[place] = false;
        }
        markedCount = 0;
    }

    public void Set(int place, in LazyValue value)
    {
        if (!isMarked[place])
        {
            isMarked[place] = true;
            marked[markedCount++] = place;
        }
        values[place] = value;
    }

    public void SetIfAbsent(int place, in LazyValue value)
    {
        if (IsAbsent(place))
            Set(place, value);
    }

    bool IsAbsent(int place) =>
        !(
            values[place].IsText
            && fields?[place].Type is (null or FieldType.Text or FieldType.Untyped)
        ) && this[place] is null;

    /// <summary>The value as an object of its field's type; null where there is none.</summary>
    public object? this[int place]
    {
        get
        {
            ref var value = ref values[place];
            if (value.Form is ValueForm.Absent or ValueForm.Object || value.Made is not null)
                return value.Made;
            var made = Make(value, fields?[place].Type);
            value = made is null ? default : value.With(made);
            return made;
        }
    }

    public object?[] ToArray()
    {
        var made = new object?[values.Length];
        foreach (var place in Marked)
            made[place] = this[place];
        return made;
    }

    /// <summary>The canonical spelling as UTF-8; false where the value is absent or a list.</summary>
    public bool TryGetUtf8(int place, out ReadOnlySpan<byte> utf8)
    {
        ref readonly var value = ref values[place];
        utf8 = default;
        if (value.Form == ValueForm.Absent)
            return false;
        if (value.Form is not (ValueForm.Object or ValueForm.Ticks))
        {
            utf8 = bytes.Of(value);
            if (IsCanonical(value, utf8, fields?[place].Type))
                return true;
        }
        if (this[place] is not { } made || made is IReadOnlyList<string>)
            return false;
        utf8 = Spell(FieldValue.ToConditionText(made));
        return true;
    }

    ReadOnlySpan<byte> Spell(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (spelled.Length < most)
            spelled = new byte[most];
        return spelled.AsSpan(0, Encoding.UTF8.GetBytes(text, spelled));
    }

    static bool IsCanonical(in LazyValue value, ReadOnlySpan<byte> text, FieldType? type) =>
        value.IsText
            ? type switch
            {
                null or FieldType.Text or FieldType.Untyped => true,
                FieldType.Integer => IsWhole(text),
                FieldType.Address => Addresses.IsCanonicalVersion4(text),
                _ => false,
            }
            : type is null or FieldType.Text or FieldType.Untyped or FieldType.Integer
                && IsWhole(text);

    /// <summary>Digits as a whole number is written, and few enough to be one.</summary>
    static bool IsWhole(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= ExactDigitsMax
        && (text[0] != '0' || text.Length == 1)
        && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    object? Make(in LazyValue value, FieldType? type)
    {
        if (value.Form == ValueForm.Ticks)
            return new DateTimeOffset(value.Ticks, TimeSpan.Zero);
        var text = bytes.Of(value);
        if (value.Form == ValueForm.Number)
        {
            var number = NumberOf(text);
            return type is { } numeric ? FieldValue.Convert(number, numeric) : number;
        }
        return type is { } typed ? FieldValue.Parse(text, typed) : SharedTexts.Of(text);
    }

    public static object NumberOf(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long integer, out var length) && length == text.Length
            ? SharedTexts.Boxed(integer)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
        : Encoding.UTF8.GetString(text);
}
