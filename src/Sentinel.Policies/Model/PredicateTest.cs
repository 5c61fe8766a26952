using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Sentinel.Policies.Model;

/// <summary>What is asked of a value; where several values stand, one of them is enough.</summary>
public abstract record PredicateTest
{
    /// <summary><c>exists</c>: it has a value.</summary>
    public sealed record IsPresent : PredicateTest;

    /// <summary><c>has</c>: it has a value, and not false.</summary>
    public sealed record IsNotFalse : PredicateTest;

    /// <summary>Without <paramref name="Cased"/>, case is ignored as StringComparison.OrdinalIgnoreCase does.</summary>
    public sealed record TextIs(TextMatch Match, bool Cased, ValueList<string> Wanted)
        : PredicateTest
    {
        /// <summary>
        /// With <see cref="TextMatch.Equal"/>: two numbers are also equal by value, since nobody declared
        /// the field's type.
        /// </summary>
        public bool OrByNumber { get; init; }
    }

    /// <param name="Options">Of IgnoreCase, Multiline and Singleline; always run without backtracking.</param>
    public sealed record RegexFinds(RegexOptions Options, ValueList<string> Patterns)
        : PredicateTest;

    public sealed record NumberIs(Comparison Comparison, ValueList<double> Wanted) : PredicateTest;

    public sealed record FlagIs(bool Wanted) : PredicateTest;

    public sealed record TimeIs(Comparison Comparison, DateTimeOffset Wanted) : PredicateTest;

    /// <summary><c>hour(event_time) &gt;= 22</c>, in UTC.</summary>
    public sealed record TimePartIs(TimePart Part, Comparison Comparison, ValueList<double> Wanted)
        : PredicateTest;

    public sealed record AddressIn(ValueList<AddressRange> Ranges) : PredicateTest;

    /// <param name="Time">What an entry's expiry is compared with; null where there is no such field.</param>
    public sealed record InListOf(ListDeclaration List, Field? Time) : PredicateTest
    {
        public bool Equals(InListOf? other) =>
            other is not null && ReferenceEquals(List, other.List) && Time == other.Time;

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(List);
    }

    /// <summary>
    /// Two fields compared: as numbers, times or addresses where both are, else as texts.
    /// </summary>
    public sealed record FieldIs(Comparison Comparison, Field Other, bool Cased) : PredicateTest;

    /// <summary><c>contains field(other)</c>; never <see cref="TextMatch.Like"/>.</summary>
    public sealed record TextOfField(TextMatch Match, Field Other, bool Cased) : PredicateTest;
}

public enum TextMatch
{
    /// <summary>The whole text; of a list of texts, one whole element.</summary>
    Equal,
    Contains,
    StartsWith,
    EndsWith,

    /// <summary>The whole text, with wildcards as <see cref="LikePattern"/> reads them.</summary>
    Like,
}

public enum TimePart
{
    Minute,
    Hour,
    Day,

    /// <summary>Of the year, by ISO 8601.</summary>
    Week,
    Month,
    Year,

    /// <summary>1 is Monday, 7 is Sunday.</summary>
    Weekday,
}
