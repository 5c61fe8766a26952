namespace Sentinel.Psa.Audit;

/// <summary>A decision without a reason is not one.</summary>
static class ReasonGiven
{
    const int ReasonCharsMax = 2000;

    public static RuleRefusal? Missing(string action, string? reason) =>
        string.IsNullOrWhiteSpace(reason)
            ? new RuleRefusal(action + ".reason", "a reason is missing", "say why")
        : reason.Length > ReasonCharsMax
            ? new RuleRefusal(
                action + ".reason",
                $"a reason has at most {ReasonCharsMax} characters",
                "say it shorter"
            )
        : null;
}
