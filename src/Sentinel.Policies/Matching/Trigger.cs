namespace Sentinel.Policies.Matching;

enum TriggerKind
{
    /// <summary>The field has a value.</summary>
    Present,

    /// <summary>Its text is not all ASCII.</summary>
    BeyondAscii,

    /// <summary>It is this number.</summary>
    Number,

    /// <summary>Its text holds the literal.</summary>
    Text,
}

/// <summary>What one field of an event shows, and without which certain conditions cannot hold.</summary>
readonly record struct Trigger(
    int Ordinal,
    TriggerKind Kind,
    SoughtText Sought = default,
    double Number = 0
)
{
    /// <summary>In place of an ordinal: the whole record, as it came.</summary>
    public const int Record = -1;
}
