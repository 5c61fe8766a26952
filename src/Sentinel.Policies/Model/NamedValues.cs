namespace Sentinel.Policies.Model;

/// <summary>What conditions read by ordinal, of something that knows its values by name.</summary>
sealed class NamedValues(
    IReadOnlyList<Condition> conditions,
    Func<Field, object?> valueOf,
    IEnumerable<object> everything
) : IFieldValues
{
    readonly Dictionary<int, Field> fields = conditions
        .SelectMany(condition => condition.Reads)
        .DistinctBy(field => field.Ordinal)
        .ToDictionary(field => field.Ordinal);

    public object? this[int ordinal] =>
        fields.TryGetValue(ordinal, out var field) ? valueOf(field) : null;

    public IEnumerable<object> Everything => everything;
}
