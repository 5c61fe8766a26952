namespace Sentinel.Siem.Correlation;

/// <summary>
/// Shares keys out by a hash of their text, the same everywhere: what one partition holds concerns no
/// other, and how many there are changes no hit.
/// </summary>
sealed record Partitions(int Count)
{
    const uint Start = 2166136261;
    const uint Factor = 16777619;

    public int Of(RuleKey key)
    {
        if (Count == 1)
            return 0;
        var hash = Start;
        foreach (var letter in key.Text)
            hash = unchecked((hash ^ letter) * Factor);
        return (int)(hash % (uint)Count);
    }
}
