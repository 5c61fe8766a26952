using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>
/// One field that many selectors require to equal something. Its values fall into classes that answer these
/// predicates alike, so that the class of a value says which selectors are out.
/// </summary>
sealed class Discriminator
{
    /// <summary>The class of a value that is a list: nothing is known of it.</summary>
    public const int UnknownClass = 0;

    readonly Dictionary<Predicate, int> places;
    readonly Func<IFieldValues, bool>[] holds;
    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    readonly List<string> classes = [""];
    readonly Lock changing = new();

    public Discriminator(int ordinal, IReadOnlyCollection<Predicate> predicates)
    {
        Ordinal = ordinal;
        places = predicates.Index().ToDictionary(p => p.Item, p => p.Index);
        holds = [.. predicates.Select(ConditionCompiler.Compile)];
    }

    public int Ordinal { get; }

    /// <summary>What all values of the class answer; null where the predicate is no part of this.</summary>
    public bool? Answer(int classNumber, Predicate predicate)
    {
        if (classNumber == UnknownClass || !places.TryGetValue(predicate, out var place))
            return null;
        lock (changing)
            return classes[classNumber][place] == '1';
    }

    /// <summary>The class of the event's value, which is no list.</summary>
    public int ClassOf(IFieldValues values)
    {
        var answers = string.Create(
            holds.Length,
            (holds, values),
            static (text, given) =>
            {
                for (var i = 0; i < text.Length; i++)
                    text[i] = given.holds[i](given.values) ? '1' : '0';
            }
        );
        lock (changing)
        {
            if (numbers.TryGetValue(answers, out var number))
                return number;
            numbers.Add(answers, classes.Count);
            classes.Add(answers);
            return classes.Count - 1;
        }
    }
}

/// <summary>The classes of the values that one thread has seen.</summary>
sealed class DiscriminatorReader(Discriminator discriminator)
{
    const int ValuesMax = 4096;

    readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> known = new Dictionary<
        byte[],
        int
    >(new BytesComparer()).GetAlternateLookup<ReadOnlySpan<byte>>();
    int? absent;

    public int Read(EventTexts texts)
    {
        switch (texts.StateOf(discriminator.Ordinal))
        {
            case TextState.Absent:
                return absent ??= discriminator.ClassOf(texts.Values);
            case TextState.List:
                return Discriminator.UnknownClass;
        }
        if (!texts.Values.TryGetUtf8(discriminator.Ordinal, out var text))
            return Discriminator.UnknownClass;
        if (known.TryGetValue(text, out var number))
            return number;
        number = discriminator.ClassOf(texts.Values);
        // A field of many values is none that discriminates: it costs time here, never memory.
        if (known.Dictionary.Count >= ValuesMax)
            known.Dictionary.Clear();
        texts.Values.TryGetUtf8(discriminator.Ordinal, out text);
        known[text] = number;
        return number;
    }
}

/// <summary>Keys that are bytes, looked up without making an array.</summary>
sealed class BytesComparer
    : IEqualityComparer<byte[]>,
        IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) =>
        alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
