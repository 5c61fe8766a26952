namespace Sentinel.Policies.Sigma;

/// <summary>What YAML says, without its spelling: aliases are replaced by what they stand for.</summary>
/// <param name="Count">How many nodes it is, with those below it.</param>
abstract record YamlNode(int Line, int Count)
{
    /// <param name="Quoted">A quoted scalar is a text, whatever it looks like.</param>
    public sealed record Scalar(int Line, string Text, bool Quoted) : YamlNode(Line, 1)
    {
        public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";
    }

    public sealed record Sequence(int Line, IReadOnlyList<YamlNode> Items, int Count)
        : YamlNode(Line, Count);

    public sealed record Mapping(
        int Line,
        IReadOnlyList<KeyValuePair<string, YamlNode>> Entries,
        int Count
    ) : YamlNode(Line, Count)
    {
        public YamlNode? this[string key] => Entries.FirstOrDefault(e => e.Key == key).Value;

        /// <summary>These entries and those of another mapping, which go before; mappings are joined too.</summary>
        public Mapping With(Mapping other) =>
            new(
                other.Line,
                [
                    .. Entries.Select(e => new KeyValuePair<string, YamlNode>(
                        e.Key,
                        e.Value is Mapping own && other[e.Key] is Mapping their
                            ? own.With(their)
                            : other[e.Key] ?? e.Value
                    )),
                    .. other.Entries.Where(e => this[e.Key] is null),
                ],
                Count + other.Count
            );

        /// <summary>The scalar's text, or null where there is none.</summary>
        public string? TextOf(string key) =>
            this[key] is Scalar { IsNull: false } scalar ? scalar.Text : null;

        /// <summary>The scalars of a sequence, or a scalar alone; what is nested is left out.</summary>
        public IReadOnlyList<string> Texts(string key) =>
            this[key] switch
            {
                Scalar { IsNull: false } one => [one.Text],
                Sequence many =>
                [
                    .. many.Items.OfType<Scalar>().Where(i => !i.IsNull).Select(i => i.Text),
                ],
                _ => [],
            };
    }
}
