using Sentinel.Policies.Checking;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies;

/// <summary>A condition that stands alone, as people type it to search: the words of 'where'.</summary>
public static class Query
{
    /// <summary>Bad text gives every diagnostic and never throws.</summary>
    /// <param name="lists">What <c>in NAME</c> may refer to.</param>
    public static QueryLoad Load(
        string text,
        FieldTable fields,
        IReadOnlyList<ListDeclaration>? lists = null
    )
    {
        var reporter = new Reporter(new PolicyText("query", text));
        var scope = new CheckScope(fields);
        foreach (var list in lists ?? [])
            scope.Lists[list.Name] = list;
        var conditions = new DeclarationParser(reporter).ParseCondition() is { } syntax
            ? new ConditionBinder(reporter, scope, new FieldScope(reporter, fields)).Bind(syntax)
            : null;
        return reporter.Diagnostics.Count > 0 || conditions is null
            ? new QueryLoad.Rejected(reporter.Diagnostics)
            : new QueryLoad.Loaded(conditions);
    }
}

public abstract record QueryLoad
{
    /// <param name="Conditions">All must hold.</param>
    public sealed record Loaded(IReadOnlyList<Condition> Conditions) : QueryLoad
    {
        /// <param name="values">By the names of fields, each of its field's type; null or missing: absent.</param>
        public bool Holds(IReadOnlyDictionary<string, object?> values)
        {
            var named = new NamedValues(
                Conditions,
                field => values.GetValueOrDefault(field.Name),
                values.Select(one => one.Value).OfType<object>()
            );
            return Conditions.All(condition => condition.Holds(named));
        }
    }

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : QueryLoad;
}
