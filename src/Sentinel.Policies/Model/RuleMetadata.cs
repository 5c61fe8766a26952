namespace Sentinel.Policies.Model;

/// <summary>What people say about a rule, beside what it does; all of it may be missing.</summary>
public sealed record RuleMetadata
{
    /// <summary>The same in every version of the rule, as its author gave it.</summary>
    public Guid? Id { get; init; }

    public string? Title { get; init; }

    public string? Author { get; init; }

    public string? License { get; init; }

    /// <summary>stable, test, experimental, deprecated or unsupported.</summary>
    public string? Status { get; init; }

    /// <summary>informational, low, medium, high or critical, as its author saw it.</summary>
    public string? Level { get; init; }

    public DateOnly? Date { get; init; }

    public DateOnly? Modified { get; init; }

    public ValueList<string> References { get; init; } = [];

    /// <summary>In the author's own words: attack.t1059.001, cve.2021-44228.</summary>
    public ValueList<string> Tags { get; init; } = [];

    public ValueList<string> FalsePositives { get; init; } = [];

    public ValueList<RelatedRule> Related { get; init; } = [];
}

/// <param name="How">derived, obsolete, merged, renamed or similar.</param>
public sealed record RelatedRule(string How, Guid Id);
