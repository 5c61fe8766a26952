namespace Sentinel.Policies.Sigma;

/// <summary>
/// What Sigma's rules about web servers call by the names of the W3C's log format is called otherwise where our
/// sources read the logs of nginx, Apache and others.
/// </summary>
static class WebFields
{
    static readonly Dictionary<string, string> ours = new()
    {
        ["cs-method"] = "http_method",
        ["sc-status"] = "http_status",
        ["cs-user-agent"] = "user_agent",
        ["c-useragent"] = "user_agent",
        ["cs-referer"] = "referrer",
        ["cs-referrer"] = "referrer",
        ["cs-host"] = "domain",
        ["cs-uri"] = "url",
        ["c-uri"] = "url",
    };

    /// <summary>Parts of the address, of which our sources have the whole.</summary>
    static readonly HashSet<string> parts =
    [
        "cs-uri-query",
        "c-uri-query",
        "cs-uri-stem",
        "c-uri-stem",
        "c-uri-path",
    ];

    /// <summary>Whether it asks that the field has no value, which then has to hold under every name.</summary>
    public static bool IsAbsence(SigmaTest test) =>
        test.Operation == SigmaOperation.Exists
            ? test.Values is not [SigmaValue.TruthValue { Value: true }]
            : test.Values.Any(value => value is SigmaValue.NoValue);

    /// <summary>The test with our name, or null where it cannot be asked so.</summary>
    public static SigmaTest? Of(SigmaTest test)
    {
        if (test.Field is not { } field)
            return null;
        if (parts.Contains(field))
            return test.Operation is SigmaOperation.Contains or SigmaOperation.Regex
                ? test with
                {
                    Field = "url",
                }
                : null;
        if (!ours.TryGetValue(field, out var name))
            return null;
        if (IsAbsence(test))
            return test.Values.Count == 1 ? test with { Field = name } : null;
        if (name == "http_status")
            return test.Operation == SigmaOperation.Equal && test.Values.All(IsNumber)
                ? test with
                {
                    Field = name,
                    Values = [.. test.Values.Select(Number)],
                }
                : null;
        return
            test.Operation
                is SigmaOperation.Equal
                    or SigmaOperation.Contains
                    or SigmaOperation.StartsWith
                    or SigmaOperation.EndsWith
                    or SigmaOperation.Regex
            ? test with
            {
                Field = name,
            }
            : null;
    }

    static bool IsNumber(SigmaValue value) =>
        value is SigmaValue.NumberValue or SigmaValue.TextValue
        && int.TryParse(((SigmaValue.NumberValue)Number(value)).Value, out _);

    static SigmaValue Number(SigmaValue value) =>
        value is SigmaValue.TextValue text ? new SigmaValue.NumberValue(text.Value) : value;
}
