namespace Sentinel.Policies.Sigma;

/// <summary>What every Sigma document says of itself, whatever it detects.</summary>
sealed record SigmaHead
{
    public required string File { get; init; }
    public required string Title { get; init; }
    public string? Id { get; init; }

    /// <summary>Under which correlations refer to it.</summary>
    public string? Name { get; init; }
    public string? Description { get; init; }
    public string? Author { get; init; }
    public string? Licence { get; init; }
    public string? Level { get; init; }
    public string? Status { get; init; }
    public string? Date { get; init; }
    public string? Modified { get; init; }
    public IReadOnlyList<string> References { get; init; } = [];
    public IReadOnlyList<string> Tags { get; init; } = [];
    public IReadOnlyList<string> FalsePositives { get; init; } = [];

    /// <summary>How it is related to which other id.</summary>
    public IReadOnlyList<(string How, string Id)> Related { get; init; } = [];
}

/// <summary>A detection rule, read but not yet translated.</summary>
/// <param name="Condition">Several are joined by <c>or</c>.</param>
sealed record SigmaRule(
    SigmaHead Head,
    LogSource LogSource,
    IReadOnlyList<Detection> Detections,
    SigmaCondition Condition
);

/// <summary>Which logs a rule is about; any part may be missing.</summary>
sealed record LogSource(string? Product, string? Category, string? Service)
{
    public override string ToString() =>
        string.Join(
            ", ",
            new[] { ("product", Product), ("category", Category), ("service", Service) }
                .Where(part => part.Item2 is not null)
                .Select(part => $"{part.Item1} {part.Item2}")
        );
}

/// <summary>A search identifier and what it asks.</summary>
sealed record Detection(string Name, SigmaMatch Match);

/// <summary>Maps and lists of a detection.</summary>
abstract record SigmaMatch
{
    public sealed record All(IReadOnlyList<SigmaMatch> Of) : SigmaMatch;

    public sealed record Any(IReadOnlyList<SigmaMatch> Of) : SigmaMatch;

    public sealed record Test(SigmaTest Of) : SigmaMatch;
}

enum SigmaOperation
{
    Equal,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Cidr,
    Exists,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    FieldReference,
}

/// <summary>One field, or the whole event, with its modifiers and values.</summary>
/// <param name="Field">Null for a keyword: any value of the event.</param>
sealed record SigmaTest(string? Field, SigmaOperation Operation, IReadOnlyList<SigmaValue> Values)
{
    /// <summary>All values instead of one of them.</summary>
    public bool All { get; init; }
    public bool Cased { get; init; }

    /// <summary><c>neq</c></summary>
    public bool Differs { get; init; }

    /// <summary>Contains, startswith or endswith beside <c>fieldref</c>, else Equal.</summary>
    public SigmaOperation Comparing { get; init; } = SigmaOperation.Equal;

    /// <summary>Of a regular expression: i, m, s.</summary>
    public string Flags { get; init; } = "";

    /// <summary>minute, hour, day, week, month, year; or null.</summary>
    public string? TimePart { get; init; }

    /// <summary>windash, a UTF-16 form, a Base64 form, in the order in which they are applied.</summary>
    public IReadOnlyList<string> Transformations { get; init; } = [];

    public bool Expand { get; init; }
}

/// <summary>A value as YAML has it.</summary>
abstract record SigmaValue
{
    public sealed record TextValue(string Value) : SigmaValue;

    public sealed record NumberValue(string Value) : SigmaValue;

    public sealed record TruthValue(bool Value) : SigmaValue;

    /// <summary>Any value of a list of ours, which a placeholder stands for.</summary>
    public sealed record ListValue(string Name) : SigmaValue;

    /// <summary>No value: the field is absent.</summary>
    public sealed record NoValue : SigmaValue;
}

/// <summary>The condition over search identifiers.</summary>
abstract record SigmaCondition
{
    public sealed record All(IReadOnlyList<SigmaCondition> Of) : SigmaCondition;

    public sealed record Any(IReadOnlyList<SigmaCondition> Of) : SigmaCondition;

    public sealed record Not(SigmaCondition Of) : SigmaCondition;

    public sealed record Named(string Name) : SigmaCondition;

    /// <summary><c>1 of selection_*</c>, <c>all of them</c>: what is meant has been looked up.</summary>
    /// <param name="AtLeast">Null for all.</param>
    public sealed record Quantity(int? AtLeast, string Pattern, IReadOnlyList<string> Names)
        : SigmaCondition;
}

/// <summary>The first thing that keeps a document from being imported.</summary>
sealed class SigmaProblem
{
    public string? Reason { get; private set; }

    /// <summary>Always null, for whoever could not read something.</summary>
    public T? Add<T>(string reason)
        where T : class
    {
        Reason ??= reason;
        return null;
    }
}
